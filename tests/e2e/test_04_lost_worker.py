"""A worker's pod is killed in the middle of a run: the run ends and says so, and the next one does what is left."""

import pytest

from tests.e2e.kube import kubectl
from tests.e2e.system import Person, assert_each_done_once, costly
from tests.waiting import wait_until

pytestmark = [pytest.mark.first, pytest.mark.timeout(600)]


def test_no_job_is_lost_and_none_is_done_twice(manager: Person) -> None:
    queue, ids = manager.filled(costly(400))
    lost = manager.start(queue)
    wait_until(lambda: manager.run(lost)["jobs_done"] > 0, "the run has finished some jobs", 120)
    kubectl("delete", "pod", f"foresail-run-{lost}-worker-0", "--grace-period=0", "--force")
    view = manager.wait_for_run(lost, "failed", seconds=60)
    assert 0 < view["jobs_done"] < len(ids)
    assert f"foresail-run-{lost}-launcher" in view["reason"]
    manager.wait_for_leases(queue)
    second = manager.start(queue)
    manager.wait_for_run(second, "done")
    assert_each_done_once(manager, queue, ids, [lost, second])
    manager.forget(ids)
