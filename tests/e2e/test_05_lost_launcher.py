"""The launcher's pod is killed, or its whole node goes: the run is over within a lease, and nothing is lost."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.kube import get, kubectl, pods, ready, run_pods
from tests.e2e.load import PATHS
from tests.e2e.system import Person, assert_each_done_once, costly
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(900)
TOOL = Path(os.environ.get("FORESAIL_CLUSTER", "../shared/cluster/cluster"))
VICTIM = "node2"


def test_a_killed_launcher(manager: Person) -> None:
    queue, ids = manager.filled(costly(400))
    lost = manager.start(queue)
    wait_until(lambda: manager.run(lost)["jobs_done"] > 0, "the run has finished some jobs", 120)
    launcher = next(name for name in run_pods(lost) if "launcher" in name)
    kubectl("delete", "pod", launcher, "--grace-period=0", "--force")
    manager.wait_for_run(lost, "failed", "stopped", seconds=90)
    manager.wait_for_leases(queue)
    second = manager.start(queue)
    manager.wait_for_run(second, "done")
    assert_each_done_once(manager, queue, ids, [lost, second])
    manager.forget(ids)


@pytest.fixture
def node_comes_back() -> Iterator[None]:
    yield
    subprocess.run([TOOL, "start-node", VICTIM], check=True)
    wait_until(lambda: _node_is_ready(VICTIM), f"{VICTIM} is back", 120)
    wait_until(lambda: all(ready(pod) for pod in pods("app.kubernetes.io/component!=run")), "every pod is ready", 300)


@pytest.mark.usefixtures("node_comes_back")
def test_a_node_without_power(manager: Person) -> None:
    _keep_off(VICTIM, "foresail", "app.kubernetes.io/component=store")
    _keep_off(VICTIM, "kube-system", "k8s-app=kube-dns")
    _keep_off(VICTIM, "mpi-operator", "app=mpi-operator")
    queue, ids = manager.filled(costly(400))
    lost = manager.start(queue)
    wait_until(lambda: manager.run(lost)["jobs_done"] > 0, "the run has finished some jobs", 120)
    assert VICTIM in run_pods(lost).values()
    subprocess.run([TOOL, "stop-node", VICTIM], check=True)
    view = manager.wait_for_run(lost, "failed", seconds=120, trouble=True)
    assert view["jobs_done"] < len(ids)
    # One node is left: one rank, one pod. The lost node's pods do not stand in its way.
    wait_until(lambda: not _node_is_ready(VICTIM), "the cluster has noticed", 120)
    wait_until(lambda: all(manager.http.get(path).is_success for path in 3 * PATHS), "the services answer", 120)
    manager.wait_for_leases(queue)
    second = manager.start(queue, processes=1)
    manager.wait_for_run(second, "done")
    assert_each_done_once(manager, queue, ids, [lost, second])
    manager.forget(ids)


def _keep_off(node: str, namespace: str, labels: str) -> None:
    """Have a part that is there once only on another node: what happens without it is another story."""
    for pod in get("pods", "-l", labels, namespace=namespace):
        if pod["spec"]["nodeName"] == node:
            kubectl("cordon", node)
            kubectl("delete", "pod", pod["metadata"]["name"], "--wait", namespace=namespace)
            wait_until(lambda: all(map(ready, get("pods", "-l", labels, namespace=namespace))), "it is elsewhere", 120)
            kubectl("uncordon", node)


def _node_is_ready(name: str) -> bool:
    return ready(next(one for one in get("nodes") if one["metadata"]["name"] == name))
