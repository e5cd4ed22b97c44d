"""The store's pod is killed with jobs queued: its file brings them back, and the services recover by themselves."""

import pytest

from tests.e2e.kube import kubectl
from tests.e2e.system import Person, assert_each_done_once, cheap
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(600)


def test_queued_jobs_outlive_the_stores_pod(manager: Person) -> None:
    queue, ids = manager.filled(cheap(5000))
    # What was accepted is on the disk within a second; wait for the store's own word instead of a second.
    wait_until(_all_is_on_disk, "the append-only file is written", 30)
    kubectl("delete", "pod", "foresail-store-0", "--grace-period=0", "--force")
    wait_until(lambda: manager.http.get("/queueing/queues").status_code != 200, "the store is missed", 60)
    refused = manager.http.get("/queueing/queues")
    wait_until(lambda: manager.http.get("/queueing/queues").is_success, "the services have it back", 120)
    assert refused.is_success or (refused.status_code == 503 and int(refused.headers.get("Retry-After", "1")) >= 1)
    assert manager.queue(queue)["ready"] == len(ids)
    run = manager.start(queue)
    manager.wait_for_run(run, "done")
    assert_each_done_once(manager, queue, ids, [run])


def _all_is_on_disk() -> bool:
    said = kubectl("exec", "foresail-store-0", "--", "valkey-cli", "INFO", "persistence")
    return "aof_pending_bio_fsync:0" in said and "aof_last_write_status:ok" in said
