"""A pod of a run fills its disk and its node evicts it: the run fails, says why, and nothing is lost."""

import pytest

from tests.e2e.kube import get, kubectl
from tests.e2e.system import Person, assert_each_done_once, costly
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(900)
TOO_MUCH = ("dd", "if=/dev/zero", "of=/tmp/full", "bs=1M", "count=100")
"""More than a run's pod may keep in /tmp."""


@pytest.mark.parametrize("role", ["worker-0", "launcher"])
def test_the_run_says_that_its_pod_was_evicted(manager: Person, role: str) -> None:
    queue, ids = manager.filled(costly(1500))
    lost = manager.start(queue)
    wait_until(lambda: manager.run(lost)["jobs_done"] > 0, "the run has finished some jobs", 120)
    found = get("pods", "-l", f"foresail/run={lost}")
    victim = next(pod["metadata"]["name"] for pod in found if role in pod["metadata"]["name"])
    kubectl("exec", victim, "--", *TOO_MUCH)
    view = manager.wait_for_run(lost, "failed", seconds=120)
    assert "Evicted" in view["reason"], view["reason"]
    manager.wait_for_leases(queue)
    second = manager.start(queue)
    manager.wait_for_run(second, "done", seconds=300)
    assert_each_done_once(manager, queue, ids, [lost, second])
    manager.forget(ids)
