"""A run's MPIJob: one template for the calculations service and for people."""

import json
from pathlib import Path
from secrets import token_hex

import pytest
import yaml

from k8s.generate import manifest
from services.calculations.runners.manifest import Template
from services.errors import InvalidError
from services.models import Run, RunState
from tests.chart.rendering import render


def run(processes: int) -> Run:
    return Run(id=12, queue=7, state=RunState.PENDING, owner="mia", processes=processes, created=0.0)


def test_the_manifest_for_people_is_the_charts(helm: str) -> None:
    assert Path("k8s/mpijob.yaml").read_text("utf-8") == manifest(helm), "type `make k8s`"


def test_both_forms_in_the_configmap_say_the_same(helm: str) -> None:
    rendered = render(helm)
    assert yaml.safe_load(rendered.of("ConfigMap", "foresail-run")["data"]["mpijob.yaml"]) == rendered.mpijob()


def test_the_service_fills_in_what_differs_and_nothing_else(helm: str) -> None:
    template = render(helm).mpijob()
    filled = Template(template).fill(run(3))
    assert filled["metadata"]["name"] == "foresail-run-12"
    assert filled["metadata"]["labels"]["foresail/run"] == "12"
    launcher = filled["spec"]["mpiReplicaSpecs"]["Launcher"]["template"]
    assert launcher["metadata"]["labels"]["foresail/queue"] == "7"
    words = "--queue 7 --run 12 --processes 3"
    assert launcher["spec"]["containers"][0]["args"] == ["python", "-m", "services.drain.launch", *words.split()]
    assert filled["spec"]["mpiReplicaSpecs"]["Worker"]["replicas"] == 2
    for side in (filled, template):
        side["metadata"] = side["spec"]["mpiReplicaSpecs"] = None
    assert filled == template


@pytest.mark.parametrize(("slots", "processes", "workers"), [(1, 2, 1), (4, 4, 0), (4, 5, 1), (4, 16, 3)])
def test_the_launcher_is_a_host_too(helm: str, slots: int, processes: int, workers: int) -> None:
    template = Template(render(helm, "--set", f"run.slotsPerWorker={slots}").mpijob())
    replicas = template.fill(run(processes))["spec"]["mpiReplicaSpecs"]
    assert replicas.get("Worker", {}).get("replicas", 0) == workers


@pytest.mark.parametrize(("slots", "limit"), [(1, "256Mi"), (64, "512Mi")])
def test_shared_memory_grows_with_the_ranks_of_a_pod(helm: str, slots: int, limit: str) -> None:
    pods = render(helm, "--set", f"run.slotsPerWorker={slots}").pods()
    for role in ("Launcher", "Worker"):
        (shm,) = (one["emptyDir"] for one in pods[role]["spec"]["volumes"] if one["name"] == "shm")
        assert shm == {"medium": "Memory", "sizeLimit": limit}


@pytest.mark.parametrize(("release", "override"), [("a" * 53, ""), ("foresail", "a" * 40)])
def test_names_fit_into_a_host_name(helm: str, release: str, override: str) -> None:
    template = Template(render(helm, "--set", f"fullnameOverride={override}", release=release).mpijob())
    longest = template.name(Run(999_999, 1, RunState.PENDING, "mia", 2, 0.0))
    for name in (longest, template.probe(token_hex(4))["metadata"]["name"]):
        assert len(f"{name}-worker-999") <= 63


def test_it_is_what_the_operator_needs(helm: str) -> None:
    spec = render(helm).mpijob()["spec"]
    assert spec["mpiImplementation"] == "MPICH"
    assert spec["runLauncherAsWorker"] is True
    assert spec["launcherCreationPolicy"] == "WaitForWorkersReady"
    assert spec["runPolicy"]["cleanPodPolicy"] == "Running"
    worker = spec["mpiReplicaSpecs"]["Worker"]
    assert worker["restartPolicy"] == "OnFailure"
    assert worker["template"]["spec"]["containers"][0]["readinessProbe"]["tcpSocket"] == {"port": "ssh"}


def test_a_runs_pods_have_no_sidecar_also_where_all_others_are_to_have_one(helm: str) -> None:
    asked = json.dumps({"sidecar.istio.io/inject": "true", "example.org/team": "forecasts"})
    rendered = render(helm, "--set-json", f"podLabels={asked}", "--set-json", f"podAnnotations={asked}")
    assert rendered.of("ConfigMap", "foresail-run")["data"]["mpijob.yaml"].count("sidecar.istio.io/inject") == 2
    for name, pod in rendered.pods().items():
        labels, annotations = pod["metadata"]["labels"], pod["metadata"]["annotations"]
        assert labels["example.org/team"] == annotations["example.org/team"] == "forecasts"
        of_run = name in ("Launcher", "Worker")
        assert labels.get("sidecar.istio.io/inject") == (None if of_run else "true")
        assert annotations["sidecar.istio.io/inject"] == ("false" if of_run else "true")


def test_kueue_gets_its_labels_where_asked(helm: str) -> None:
    labels = render(helm, "--set", "run.kueue.queueName=forecasts").mpijob()["metadata"]["labels"]
    assert labels["kueue.x-k8s.io/queue-name"] == "forecasts"
    assert not any("kueue" in label for label in render(helm).mpijob()["metadata"]["labels"])


def test_a_probe_of_the_operator_starts_nothing_and_counts_as_no_run(helm: str) -> None:
    template = Template(render(helm, "--set", "run.kueue.queueName=forecasts").mpijob())
    probe = template.probe("abc")
    assert probe["metadata"]["name"] == "foresail-probe-abc"
    assert probe["spec"]["runPolicy"]["suspend"] is True
    (launcher,) = probe["spec"]["mpiReplicaSpecs"].values()
    assert launcher["template"]["spec"]["containers"][0]["args"] == ["true"]
    labels = probe["metadata"]["labels"]
    assert labels["foresail/probe"] == "abc"
    assert not {"foresail/run", "foresail/queue", "kueue.x-k8s.io/queue-name"} & set(labels)
    assert template.probes("abc") == "foresail/probe=abc,app.kubernetes.io/instance=foresail"


def test_a_file_that_holds_no_mpijob_is_named(tmp_path: Path) -> None:
    file = tmp_path / "mpijob.json"
    file.write_text("[]", "utf-8")
    with pytest.raises(InvalidError, match=f"template: {file} holds no MPIJob"):
        Template.read(file)
