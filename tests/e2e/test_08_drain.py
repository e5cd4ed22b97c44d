"""A node is drained: the budgets keep every service up, and the system moves to the other one."""

from collections.abc import Iterator

import pytest

from tests.e2e.kube import kubectl, pods, ready
from tests.e2e.load import failures, steady
from tests.e2e.system import Person
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(900)
SERVICES = "app.kubernetes.io/component in (auth,masterdata,queueing,calculations)"


@pytest.fixture
def node() -> Iterator[str]:
    """The node without the store: a drain that moves the store too has to stop the store for a moment."""
    (store,) = pods("app.kubernetes.io/component=store")
    found = {pod["spec"]["nodeName"] for pod in pods(SERVICES)} - {store["spec"]["nodeName"]}
    assert found, "the services are on one node only"
    name = found.pop()
    yield name
    kubectl("uncordon", name)


def test_a_drained_node_fails_no_request(manager: Person, node: str) -> None:
    with steady(manager) as answers:
        kubectl(
            "drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--pod-selector", SERVICES, "--timeout=240s"
        )
        wait_until(lambda: all(ready(pod) for pod in pods(SERVICES)), "every pod is ready elsewhere", 240)
    assert failures(answers) == {}
    assert all(pod["spec"]["nodeName"] != node for pod in pods(SERVICES))
