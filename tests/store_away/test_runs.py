"""A store that is away for longer than a lease: the run ends, its record says why, and the next run does the rest."""

import pytest

from tests.store_away.system import assert_out_of_service, system, until_ready
from tests.waiting import wait_until

LEASE = {"FORESAIL_QUEUE_LEASE_SECONDS": "4", "FORESAIL_RUN_BATCH": "10"}


@pytest.mark.timeout(300)
def test_a_long_outage_ends_the_run_with_a_reason_and_nothing_needs_a_restart() -> None:
    with system(LEASE) as found:
        found.push_heavy(300)
        run = found.start_run()
        wait_until(lambda: found.run(run)["jobs_done"] > 0, "the run has done some jobs", 60)
        found.stop_store()
        try:
            assert_out_of_service(found)
            wait_until(lambda: not found.program(run), "the run's program has ended by itself", 60)
        finally:
            found.resume_store()
        until_ready(found)
        wait_until(lambda: found.run(run)["state"] == "failed", "the record says that the run has failed", 60)
        assert "the store was away for" in found.run(run)["reason"]
        second = found.start_run()
        wait_until(lambda: found.run(second)["state"] == "done", "the next run does the rest", 120)
        assert found.run(run)["jobs_done"] + found.run(second)["jobs_done"] == found.queue()["completed"] == 300
