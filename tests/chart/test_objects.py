"""What is rendered from which values, and that the API server would take it."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.chart.rendering import CASES, CHART, KUBERNETES, Manifest, render

SERVICES = ("auth", "masterdata", "queueing", "calculations")
FOREIGN = ("monitoring.coreos.com", "gateway.networking.k8s.io")
"""Groups whose definitions are not part of Kubernetes."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_objects_are_valid(helm: str, case: Path, tmp_path: Path) -> None:
    objects = [one for one in render(helm, "--values", str(case)).objects if not one["apiVersion"].startswith(FOREIGN)]
    file = tmp_path / "objects.yaml"
    file.write_text(yaml.safe_dump_all(objects), "utf-8")
    command = [str(Path(sys.executable).parent / "kubernetes-validate"), "-k", KUBERNETES, "--strict", "--quiet"]
    done = subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_service_has_all_its_objects_under_one_name(helm: str) -> None:
    rendered = render(helm)
    for name in SERVICES:
        for kind in ("Deployment", "Service", "ServiceAccount", "HorizontalPodAutoscaler", "PodDisruptionBudget"):
            rendered.of(kind, f"foresail-{name}")


def test_the_ingress_shows_each_service_below_its_own_prefix(helm: str) -> None:
    (rule,) = render(helm).of("Ingress")["spec"]["rules"]
    shown = {one["path"]: one["backend"]["service"] for one in rule["http"]["paths"]}
    assert shown == {f"/{name}": {"name": f"foresail-{name}", "port": {"name": "http"}} for name in SERVICES}


def test_readiness_asks_the_store_and_liveness_never(helm: str) -> None:
    pods = render(helm).pods()
    for name in SERVICES:
        (container,) = pods[f"foresail-{name}"]["spec"]["containers"]
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
        assert container["startupProbe"]["httpGet"]["path"] == "/livez"


def test_pods_are_spread_over_nodes_also_where_nodes_have_no_zones(helm: str) -> None:
    # The scheduler leaves out nodes that lack any of the labels, which would be all of them on kind or minikube.
    for name in SERVICES:
        constraints = render(helm).pods()[f"foresail-{name}"]["spec"]["topologySpreadConstraints"]
        assert [one["topologyKey"] for one in constraints] == ["kubernetes.io/hostname"]


def test_one_value_moves_every_image(helm: str) -> None:
    pods = render(helm, "--set", "global.imageRegistry=registry.example.org").pods()
    images = [container["image"] for pod in pods.values() for container in pod["spec"]["containers"]]
    assert all(image.startswith("registry.example.org/") for image in images)


def test_whoever_reaches_an_external_store_has_the_certificate_to_check_it_by(helm: str) -> None:
    pods = render(helm, "--values", str(CHART / "ci/external-store.yaml")).pods()
    clients = {name: pod["spec"] for name, pod in pods.items() if _variable(pod["spec"], "FORESAIL_STORE_URL")}
    assert set(clients) == {*(f"foresail-{name}" for name in (*SERVICES, "exporter")), "Launcher"}
    for spec in clients.values():
        (mount,) = (one for one in spec["containers"][0]["volumeMounts"] if one["name"] == "store-authority")
        (secret,) = (one["secret"] for one in spec["volumes"] if one["name"] == "store-authority")
        assert secret["secretName"] == "company-authority"
        file = f"{mount['mountPath']}/{secret['items'][0]['path']}"
        assert _variable(spec, "FORESAIL_STORE_CA_FILE")["value"] == file


def test_a_digest_stands_behind_the_tag(helm: str) -> None:
    pods = render(helm, "--values", str(CHART / "ci/air-gap.yaml")).pods()
    image = pods["foresail-auth"]["spec"]["containers"][0]["image"]
    assert image == f"registry.example.org/mirror/foresail-base:0.1.0@sha256:{'0123456789abcdef' * 4}"


def test_a_service_can_differ_from_the_others(helm: str) -> None:
    rendered = render(helm, "--set", "auth.autoscaling.enabled=false,auth.replicas=3")
    assert rendered.of("Deployment", "foresail-auth")["spec"]["replicas"] == 3
    assert "replicas" not in rendered.of("Deployment", "foresail-queueing")["spec"]


def test_an_external_store_leaves_nothing_of_the_own_one(helm: str) -> None:
    rendered = render(helm, "--values", str(CHART / "ci/external-store.yaml"))
    assert "StatefulSet" not in rendered.kinds()
    assert "Secret" not in rendered.kinds()
    variable = rendered.pods()["foresail-auth"]["spec"]["containers"][0]["env"][1]
    assert variable["valueFrom"]["secretKeyRef"] == {"name": "company-valkey", "key": "url"}


def test_a_releases_name_is_part_of_every_objects_name(helm: str) -> None:
    names = [one["metadata"]["name"] for one in render(helm, release="blue").objects]
    assert all(name.startswith("blue-foresail") for name in names)


def test_a_long_name_of_a_release_is_cut_to_one_that_kubernetes_takes(helm: str) -> None:
    rendered = render(helm, "--values", str(CHART / "ci/everything.yaml"), release=f"{'a' * 38}--b")
    assert rendered.of("PrometheusRule")["metadata"]["name"] == "a" * 38


def _variable(spec: Manifest, name: str) -> Manifest:
    """A variable of a pod's first container; empty where it has none of that name."""
    variables: list[Manifest] = spec["containers"][0].get("env", [])
    return next((one for one in variables if one["name"] == name), {})
