"""Values: what the chart refuses, and how they reach the settings."""

import configparser
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from k8s.schema import FILE, schema
from services.config import Settings
from tests.chart.rendering import CASES, CHART, Manifest, refusal, render, run_helm


def test_helm_finds_nothing_to_say(helm: str) -> None:
    for case in CASES:
        done = run_helm(helm, "lint", "--strict", str(CHART), "--values", str(case))
        assert done.returncode == 0, done.stdout
        assert "WARNING" not in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set", "imgae.tag=1"), "additional properties 'imgae' not allowed"),
        (("--set", "global.imageRegistri=x"), "additional properties 'imageRegistri' not allowed"),
        (("--set", "service.resources.limits.memroy=1Gi"), "additional properties 'memroy' not allowed"),
        (("--set", "config.queue.lease=20"), "additional properties 'lease' not allowed"),
        (("--set", "config.run.runner=slurm"), "at '/config/run/runner'"),
        (("--set", "config.auth.first_password=secret"), "additional properties 'first_password' not allowed"),
        (("--set", "config.web.metrics_host=127.0.0.1"), "additional properties 'metrics_host' not allowed"),
        (("--set", "config.web.metrics_port=9999"), "additional properties 'metrics_port' not allowed"),
        (("--set", "config.export.metrics_port=9999"), "additional properties 'metrics_port' not allowed"),
        (("--set", "config.export.folder=/srv/x"), "additional properties 'folder' not allowed"),
        (("--set", "config.mpijob.template=/srv/x"), "additional properties 'template' not allowed"),
        (("--set", "run.slotsPerWorker=0"), "minimum: got 0, want 1"),
        (("--set", "image.digest=sha256:12"), "at '/image/digest'"),
        (("--set", "store.enabled=false"), "give externalStore.url or externalStore.existingSecret"),
        (("--set", "store.enabled=false,externalStore.url=http://x"), "at '/externalStore/url'"),
        (("--set", "httpRoute.enabled=true"), "name the Gateway"),
        (("--set", "config.run.processes=17"), "config.run: processes is 17, more than most_processes 16"),
        (("--set", "auth.autoscaling.minReplicas=7"), "auth: autoscaling.minReplicas is 7, more than maxReplicas 6"),
        (("--set", "config=null"), "missing property 'config'"),
        (("--set", "auth.podDisruptionBudget.maxUnavailable=0%"), "at '/auth/podDisruptionBudget/maxUnavailable'"),
        (("--set", "ingress.trustedProxies[0]=10.0.0.0/8;fd00::/8"), "at '/ingress/trustedProxies/0'"),
        (("--set", "service.resources.limits.memory=lots"), "at '/service/resources/limits/memory'"),
        (("--set-json", 'podLabels={"app.kubernetes.io/name": "x"}'), "at '/podLabels/app.kubernetes.io~1name'"),
        (("--set-json", 'podLabels={"foresail/role": "x"}'), "at '/podLabels/foresail~1role'"),
        (("--set", "auth.env[0].name=FORESAIL_STORE_URL"), "at '/auth/env/0/name'"),
        (("--set", "auth.env[0].name=FORESAIL_WEB_METRICS_PORT"), "at '/auth/env/0/name'"),
    ],
)
def test_a_wrong_value_is_refused_by_name(helm: str, words: tuple[str, ...], said: str) -> None:
    assert said in refusal(helm, *words)


@pytest.mark.parametrize("release", ["007", "blue.v2"])
def test_a_release_whose_services_nobody_could_make_is_refused_before_anything_is_made(helm: str, release: str) -> None:
    assert f"no Service may be called {release}-foresail-auth" in refusal(helm, release=release)
    service = render(helm, "--set", "fullnameOverride=blue", release=release).of("Service", "blue-auth")
    assert service["spec"]["selector"]["app.kubernetes.io/instance"] == release


@pytest.mark.parametrize("own", ["true", "false"])
def test_text_that_looks_like_a_number_stays_text(helm: str, own: str) -> None:
    numbers = ",".join(f"{path}=007" for path in texts(json.loads(FILE.read_text("utf-8"))))
    words = ("--set-string", numbers, "--set", f"store.enabled={own},fullnameOverride=x", "--namespace", "007")
    rendered = render(helm, "--values", str(CHART / "ci/everything.yaml"), *words, release="007")
    assert [one["kind"] for one in [*rendered.objects, rendered.mpijob()] if 7 in leaves(one)] == []
    assert rendered.mpijob()["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "007"


def test_text_with_signs_of_yaml_stays_text(helm: str) -> None:
    proxies, url = "10.0.0.0/8,fd00::", "redis://ann:a #{b: c}@store.example.org:6380/0"
    values = {
        "ingress": {"host": "*.example.org", "trustedProxies": proxies.split(",")},
        "store": {"enabled": False},
        "externalStore": {"url": url},
        "networkPolicy": {"apiServer": {"cidr": "::/0"}},
    }
    rendered = render(
        helm, *(word for name, one in values.items() for word in ("--set-json", f"{name}={json.dumps(one)}"))
    )
    assert rendered.of("Ingress")["spec"]["rules"][0]["host"] == "*.example.org"
    assert rendered.of("Secret", "foresail-store")["stringData"] == {"url": url}
    arguments = rendered.pods()["foresail-auth"]["spec"]["containers"][0]["args"]
    assert f"--forwarded-allow-ips={proxies}" in arguments
    egress = rendered.of("NetworkPolicy", "foresail-to-api")["spec"]["egress"]
    assert egress[0]["to"] == [{"ipBlock": {"cidr": "::/0"}}]


def texts(part: Manifest, path: str = "") -> Iterator[str]:
    """The paths of the values that may be any text; of a list, its first item."""
    if "$ref" in part:
        part = json.loads(FILE.read_text("utf-8"))["definitions"][part["$ref"].rpartition("/")[2]]
    if part.get("type") == "string" and not {"pattern", "enum"} & set(part):
        yield path
    for name, one in part.get("properties", {}).items():
        if name != "config":
            yield from texts(one, f"{path}.{name}" if path else name)
    if "items" in part:
        yield from texts(part["items"], f"{path}[0]")


def leaves(part: object) -> list[object]:
    """All values in an object, and the names of its fields."""
    if isinstance(part, dict):
        return [*part, *(leaf for one in part.values() for leaf in leaves(one))]
    return [leaf for one in part for leaf in leaves(one)] if isinstance(part, list) else [part]


def test_resources_of_devices_are_none_of_the_misspelt_ones(helm: str) -> None:
    amounts = {"nvidia.com/gpu": 1, "hugepages-2Mi": "64Mi", "ephemeral-storage": "1Gi"}
    worker = render(helm, "--set-json", f"run.worker.resources.limits={json.dumps(amounts)}").pods()["Worker"]
    assert worker["spec"]["containers"][0]["resources"]["limits"] == amounts | {"memory": "1Gi"}


def test_the_schema_says_what_the_settings_accept() -> None:
    assert schema() == FILE.read_text("utf-8"), "type `make chart-schema`"


def test_queueing_has_memory_for_all_the_large_bodies_that_it_takes_at_once(helm: str) -> None:
    (container,) = render(helm).pods()["foresail-queueing"]["spec"]["containers"]
    web, idle = Settings().web, 70
    most = idle + web.most_long_requests * web.body_limit_mib * 11
    assert int(container["resources"]["limits"]["memory"].removesuffix("Gi")) * 1024 >= most


def test_the_exporters_claim_has_room_for_the_files_of_a_full_store_while_they_are_replaced() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
    store = int(values["store"]["maxMemory"].removesuffix("mb")) / 1024
    assert int(values["exporter"]["persistence"]["size"].removesuffix("Gi")) >= store * 2 * 11.3 / 4.9


def test_values_and_schema_name_the_same_keys() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
    schema = json.loads((CHART / "values.schema.json").read_text("utf-8"))
    assert set(values) == set(schema["properties"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_rendered_config_ini_is_one_that_the_services_read(helm: str, case: Path) -> None:
    text = render(helm, "--values", str(case)).of("ConfigMap", "foresail-config")["data"]["config.ini"]
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_file(io.StringIO(text))
    read = Settings.model_validate({name: dict(parser[name]) for name in parser.sections()})
    assert read.run.runner == "mpijob"
    assert read.web.mode == "production"


def test_settings_and_objects_agree_on_ports_and_paths(helm: str) -> None:
    rendered = render(helm, "--set", "config.export.interval_seconds=20,config.web=null")
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(rendered.of("ConfigMap", "foresail-config")["data"]["config.ini"])
    (service,), (exporter,) = (
        rendered.pods()[name]["spec"]["containers"] for name in ("foresail-calculations", "foresail-exporter")
    )
    assert {"name": "metrics", "containerPort": int(parser["web"]["metrics_port"])} in service["ports"]
    assert {"name": "metrics", "containerPort": int(parser["export"]["metrics_port"])} in exporter["ports"]
    assert parser["web"]["metrics_host"] == "0.0.0.0"
    assert _volume_of(service, parser["mpijob"]["template"]) == "run"
    assert _volume_of(exporter, parser["export"]["folder"]) == "export"


def _volume_of(container: Manifest, path: str) -> str:
    mounts: list[dict[str, str]] = container["volumeMounts"]
    return next(one["name"] for one in mounts if path.startswith(f"{one['mountPath']}/"))


def test_numbers_reach_config_ini_as_they_were_typed(helm: str) -> None:
    rendered = render(
        helm, "--set-json", 'config.queue={"lease_seconds": 20.5}', "--set", "config.market.seed=20240229"
    )
    text = rendered.of("ConfigMap", "foresail-config")["data"]["config.ini"]
    assert "lease_seconds = 20.5\n" in text
    assert "seed = 20240229\n" in text


STORE_CLIENTS = {f"foresail-{name}" for name in ("auth", "masterdata", "queueing", "calculations", "exporter")}


def test_new_settings_roll_the_pods_and_a_new_store_image_does_not_roll_the_services(helm: str) -> None:
    plain = annotations(helm)
    assert annotations(helm, "--set", "store.image.tag=9.0.1") == plain
    changed = annotations(helm, "--set", "config.queue.max_attempts=5")
    assert {name for name, one in changed.items() if one != plain[name]} == STORE_CLIENTS


def test_another_external_store_rolls_whoever_reaches_it(helm: str) -> None:
    before, after = (
        annotations(helm, "--set", f"store.enabled=false,externalStore.url=redis://{host}") for host in ("old", "new")
    )
    assert {name for name, one in after.items() if one != before[name]} == STORE_CLIENTS


def annotations(helm: str, *words: str) -> dict[str, object]:
    """Those of every pod, by its workload's name: pods are made anew where they change."""
    return {name: pod["metadata"]["annotations"] for name, pod in render(helm, *words).pods().items()}
