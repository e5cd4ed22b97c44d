"""skaffold.yaml: every profile gives the chart the images that it builds."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.chart.conftest import PLACES
from tests.chart.rendering import KUBERNETES

SKAFFOLD = shutil.which("skaffold", path=PLACES) or "skaffold"
# The test cluster's helm is built without a Kubernetes version, and skaffold hands no flag on to `helm template`.
HELM = """#!/bin/sh
case " $* " in *" template "*) set -- "$@" --kube-version {version} ;; esac
exec {helm} "$@"
"""
STORES = {"e2e": "registry.example.org/foresail-store:latest"}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A machine with helm and skaffold and without a cluster."""
    program = tmp_path / "helm"
    program.write_text(HELM.format(version=KUBERNETES, helm=shutil.which("helm", path=PLACES)), "utf-8")
    program.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{PLACES}"
    home = {"HOME": str(tmp_path), "KUBECONFIG": str(tmp_path / "config")}
    return {"PATH": path, "SKAFFOLD_UPDATE_CHECK": "false", **home}


@pytest.mark.parametrize("profile", ["kind", "minikube", "registry", "dev", "e2e"])
def test_a_profile_gives_each_pod_the_image_that_it_builds(environment: dict[str, str], profile: str) -> None:
    words = ("--offline=true", "--digest-source=tag", "--default-repo=registry.example.org")
    objects = list(yaml.safe_load_all(_skaffold(environment, "render", "--profile", profile, *words)))
    workloads = [one for one in objects if one["kind"] in ("Deployment", "StatefulSet")]
    images = {one["spec"]["template"]["spec"]["containers"][0]["image"] for one in workloads}
    store = STORES.get(profile, "docker.io/valkey/valkey:8.1.4")
    assert images == {"registry.example.org/foresail-base:latest", store}
    (run,) = (json.loads(one["data"]["mpijob.json"]) for one in objects if "mpijob.json" in one.get("data", {}))
    for part in run["spec"]["mpiReplicaSpecs"].values():
        image = part["template"]["spec"]["containers"][0]["image"]
        assert image.startswith("registry.example.org/foresail-mpi:")


@pytest.mark.parametrize(("context", "push"), [("kind-kind", False), ("minikube", False), ("company", None)])
def test_a_cluster_on_this_machine_gets_its_images_without_a_registry(
    environment: dict[str, str], context: str, push: bool | None
) -> None:
    cluster = {"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}
    named = {"name": context, "context": {"cluster": "c", "user": ""}}
    config = {"current-context": context, "clusters": [cluster], "contexts": [named]}
    Path(environment["KUBECONFIG"]).write_text(json.dumps(config), "utf-8")
    found = yaml.safe_load(_skaffold(environment, "diagnose", "--yaml-only"))
    assert found["build"].get("local", {}).get("push") is push


def _skaffold(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run([SKAFFOLD, *words], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
