"""The store's pod is killed with jobs queued: its file brings them back, and the services recover by themselves."""

import pytest

from tests.e2e.kube import kubectl
from tests.e2e.load import PATHS
from tests.e2e.system import Person, assert_each_done_once, cheap
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(600)


def test_queued_jobs_outlive_the_stores_pod(manager: Person) -> None:
    queue, ids = manager.filled(cheap(5000))
    # What was accepted is on the disk within a second; wait for the store's own word instead of a second.
    wait_until(_all_is_on_disk, "the append-only file is written", 30)
    kubectl("delete", "pod", "foresail-store-0", "--grace-period=0", "--force")
    wait_until(lambda: manager.http.get("/queueing/queues").status_code != 200, "the store is missed", 60)
    wait_until(lambda: _all_answer(manager), "the services have it back", 120)
    assert manager.queue(queue)["ready"] == len(ids)
    run = manager.start(queue)
    manager.wait_for_run(run, "done")
    assert_each_done_once(manager, queue, ids, [run])


def _all_answer(person: Person) -> bool:
    """Whether every service does; until then they say to try again, and nothing else."""
    answers = [person.http.get(path) for path in PATHS]
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert all("Retry-After" in answer.headers for answer in answers if answer.status_code == 503)
    return all(answer.is_success for answer in answers)


def _all_is_on_disk() -> bool:
    said = kubectl("exec", "foresail-store-0", "--", "valkey-cli", "INFO", "persistence")
    return "aof_pending_bio_fsync:0" in said and "aof_last_write_status:ok" in said
