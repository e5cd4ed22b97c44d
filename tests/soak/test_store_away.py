"""The store away for five seconds and for a minute, with the product's own settings: the promises of time."""

import time

import pytest

from tests.store_away.system import System, assert_away, system, until_ready
from tests.waiting import wait_until

SECONDS_TO_AN_ANSWER = 2.0
LEASE_SECONDS = 30
"""The default."""
JOBS = 3000


@pytest.mark.timeout(900)
@pytest.mark.parametrize("outage", [5, 60])
def test_services_say_so_in_time_and_a_run_outlives_what_is_shorter_than_its_lease(outage: int) -> None:
    with system({"FORESAIL_RUN_BATCH": "20"}) as found:
        found.push_heavy(JOBS)
        run = found.start_run()
        wait_until(lambda: found.run(run)["jobs_done"] > 0, "the run has done some jobs", 60)
        away(found, outage)
        until_ready(found)
        if outage < LEASE_SECONDS:
            assert found.run(run)["state"] == "running"
            rest = run
        else:
            wait_until(lambda: found.run(run)["state"] == "failed", "the record says that the run has failed", 60)
            assert "the store was away for 30.0 s" in found.run(run)["reason"]
            rest = found.start_run()
        wait_until(lambda: found.run(rest)["state"] == "done", "everything is drained", 600)
        assert found.queue()["completed"] == JOBS


def away(found: System, seconds: float) -> None:
    """Stop the store for so long, and ask all the time."""
    found.stop_store()
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for path in ("/readyz", "/queueing/queues", "/calculations/runs"):
                start = time.monotonic()
                assert_away(found.client.get(path))
                assert time.monotonic() - start <= SECONDS_TO_AN_ANSWER, path
            assert found.client.get("/livez").status_code == 200
    finally:
        found.resume_store()
