"""A rank in a worker's pod is frozen in the middle of a run, which ends and says so; the next one does the rest."""

import pytest

from tests.e2e.kube import kubectl
from tests.e2e.system import Person, assert_each_done_once, costly
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(600)
FREEZE = """
import os, pathlib, signal
for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
    if b"services.drain\\0" in path.read_bytes():
        os.kill(int(path.parent.name), signal.SIGSTOP)
        print("frozen")
"""


def test_no_queue_is_held_by_a_frozen_rank(manager: Person) -> None:
    queue, ids = manager.filled(costly(400))
    held = manager.start(queue)
    wait_until(lambda: manager.run(held)["jobs_done"] > 0, "the run has finished some jobs", 120)
    assert "frozen" in kubectl("exec", f"foresail-run-{held}-worker-0", "--", "python", "-c", FREEZE)
    view = manager.wait_for_run(held, "failed", seconds=240)
    assert 0 < view["jobs_done"] < len(ids)
    assert "a rank did not answer" in view["reason"]
    manager.wait_for_leases(queue)
    second = manager.start(queue)
    manager.wait_for_run(second, "done")
    assert_each_done_once(manager, queue, ids, [held, second])
    manager.forget(ids)
