"""A run is an MPIJob whose ranks are on two nodes, and it is quick."""

import sys
import time
from datetime import datetime

import pytest

from tests.e2e.kube import get, kubectl, run_pods
from tests.e2e.system import Person, assert_each_done_once, cheap
from tests.waiting import wait_until

pytestmark = [pytest.mark.first, pytest.mark.timeout(600)]
MOST_SECONDS_TO_BEGIN = 20


def test_the_ranks_of_a_run_are_on_two_nodes(manager: Person) -> None:
    queue, ids = manager.filled(cheap(1000))
    run = manager.start(queue)
    wait_until(lambda: len(run_pods(run)) == 2, "the run has two pods on nodes", 120)
    assert len(set(run_pods(run).values())) == 2
    view = manager.wait_for_run(run, "done")
    assert view["hosts"] == [f"foresail-run-{run}-launcher", f"foresail-run-{run}-worker-0"]
    assert_each_done_once(manager, queue, ids, [run])


def test_10_000_jobs_of_10_assets_begin_soon(manager: Person, capsys: pytest.CaptureFixture[str]) -> None:
    jobs = [{"assets": [(n + k) % 100 for k in range(10)]} for n in range(10_000)]
    queue, ids = manager.filled(jobs)
    asked = time.time()
    run = manager.start(queue)
    manager.wait_for_run(run, "done")
    view = manager.run(run)
    begin = _seconds(view["started"]) - asked
    drain = _seconds(view["finished"]) - _seconds(view["started"])
    with capsys.disabled():
        sys.stdout.write(f"\n10,000 jobs on two nodes: {begin:.1f} s until they begin, drained in {drain:.1f} s\n")
    assert view["jobs_done"] == len(ids)
    assert begin < MOST_SECONDS_TO_BEGIN


def test_a_finished_mpijob_is_kept_for_a_while_and_then_deleted(manager: Person) -> None:
    queue, _ = manager.filled(cheap(10))
    run = manager.start(queue)
    manager.wait_for_run(run, "done")
    assert kubectl("get", "mpijob", f"foresail-run-{run}")
    wait_until(lambda: not get("mpijobs", "-l", f"foresail/run={run}"), "the MPIJob is deleted", 180)
    wait_until(lambda: not get("pods", "-l", f"foresail/run={run}"), "its pods are gone", 60)
    assert manager.run(run)["jobs_done"] == 10


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
