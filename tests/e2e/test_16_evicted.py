"""The launcher's pod fills its disk and its node evicts it: the run ends and says so, and nothing is lost.

The kubelet looks at disks once a minute, so the run has to be a long one.
"""

import pytest

from tests.e2e.kube import kubectl, run_pods
from tests.e2e.system import Person, costly
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(900)
TOO_MUCH = ("dd", "if=/dev/zero", "of=/tmp/full", "bs=1M", "count=100")
"""More than a run's pod may keep in /tmp."""


def test_an_evicted_launcher(manager: Person) -> None:
    queue, ids = manager.filled(costly(2000))
    run = manager.start(queue)
    wait_until(lambda: manager.run(run)["jobs_done"] > 0, "the run has finished some jobs", 120)
    launcher = next(name for name in run_pods(run) if "launcher" in name)
    kubectl("exec", launcher, "--", *TOO_MUCH)
    view = manager.wait_for_run(run, "failed", "stopped", seconds=180)
    # It is asked to end first, and given a second or two: if those were enough, it has said so itself.
    evicted = f"pod {launcher}: Evicted: " in view["reason"]
    assert evicted or (view["state"], view["reason"]) == ("stopped", "stopped by a signal"), view
    manager.wait_for_leases(queue)
    left, done = manager.queue(queue), list(manager.finished(run))
    assert left["ready"] + len(done) == len(ids)
    assert left["ready"] > 0
    manager.ask("DELETE", f"/queueing/queues/{queue}")
    manager.forget(done)
