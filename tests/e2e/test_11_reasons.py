"""A run that cannot begin says why within seconds, and can be stopped."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.kube import applied, get, kubectl, pods
from tests.e2e.system import RUNS, Person, cheap
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(600)
SECONDS = 30
OPERATOR = "mpi-operator"
CALCULATIONS = "app.kubernetes.io/component=calculations"


def test_no_room(manager: Person) -> None:
    with _template('"cpu": "100m"', '"cpu": "900"'):
        _waits_because(manager, "cannot be placed")


def test_a_wrong_image(manager: Person) -> None:
    (found,) = get("configmaps", "--field-selector", "metadata.name=foresail-run")
    image = json.loads(found["data"]["mpijob.json"])["spec"]["mpiReplicaSpecs"]["Worker"]["template"]["spec"]
    right = image["containers"][0]["image"]
    with _template(right, right.partition("@")[0].rpartition(":")[0] + ":no-such-tag"):
        _waits_because(manager, "ErrImagePull", "ImagePullBackOff")


def test_no_quota(manager: Person) -> None:
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "full"}, "spec": {"hard": {"pods": "1"}}}
    with applied(json.dumps(quota)):
        _waits_because(manager, "its pods are refused: a quota")


def test_no_operator(manager: Person) -> None:
    kubectl("scale", "deployment", OPERATOR, "--replicas=0", namespace=OPERATOR)
    kubectl("wait", "--for=delete", "pod", "-l", "app=mpi-operator", "--timeout=60s", namespace=OPERATOR)
    try:
        _waits_because(manager, "no MPI Operator takes MPIJobs up")
    finally:
        kubectl("scale", "deployment", OPERATOR, "--replicas=1", namespace=OPERATOR)
        kubectl("rollout", "status", "deployment", OPERATOR, "--timeout=120s", namespace=OPERATOR)


def _waits_because(manager: Person, *reasons: str) -> None:
    """The run is pending for one of the reasons; then it is stopped, and its jobs are where they were."""
    queue, ids = manager.filled(cheap(10))
    run = manager.start(queue)
    try:
        wait_until(
            lambda: any(reason in manager.run(run)["reason"] for reason in reasons), f"it says {reasons[0]}", SECONDS
        )
        assert manager.run(run)["state"] == "pending"
    finally:
        manager.ask("DELETE", f"{RUNS}/{run}")
    manager.wait_for_run(run, "stopped", seconds=SECONDS)
    assert manager.queue(queue)["ready"] == len(ids)
    assert manager.queue(queue)["run"] is None
    wait_until(lambda: not get("mpijobs", "-l", f"foresail/run={run}"), "its MPIJob is gone", SECONDS)


@contextmanager
def _template(old: str, new: str) -> Iterator[None]:
    """Change the chart's manifest of runs, and have the calculations service read it."""
    (found,) = get("configmaps", "--field-selector", "metadata.name=foresail-run")
    text = found["data"]["mpijob.json"]
    assert old in text
    _write(text.replace(old, new))
    try:
        yield
    finally:
        _write(text)


def _write(text: str) -> None:
    old = {pod["metadata"]["name"] for pod in pods(CALCULATIONS)}
    patch = json.dumps({"data": {"mpijob.json": text}})
    kubectl("patch", "configmap", "foresail-run", "--patch", patch)
    kubectl("rollout", "restart", "deployment/foresail-calculations")
    kubectl("rollout", "status", "deployment/foresail-calculations", "--timeout=180s")
    # A pod that is going still answers for some seconds, with what it read when it came.
    wait_until(lambda: not old & {pod["metadata"]["name"] for pod in pods(CALCULATIONS)}, "the old pods are gone", 120)
