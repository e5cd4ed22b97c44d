"""The exported files bring a system back, in another namespace with a new, empty store."""

import json
from pathlib import Path

import pytest

from tests.e2e.kube import NAMESPACE
from tests.e2e.release import in_exporter, install, namespace
from tests.e2e.system import Person, cheap
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(900)
EXPORT = "/var/lib/foresail/export"
FILES = ("masterdata.json", "results.json", "queues.json", "users.json")
OLD = "/var/lib/foresail/old"
"""Not in /tmp: a pod that needs more than 64 MiB there is evicted."""
WITHOUT_AUTH = {"auth": {"autoscaling": {"enabled": False}, "replicas": 0}, "ingress": {"enabled": False}}


def test_users_jobs_results_and_queues_come_back(manager: Person, tmp_path: Path) -> None:
    queue, ids = manager.filled(cheap(300))
    manager.wait_for_run(manager.start(queue), "done")
    waiting, left = manager.filled(cheap(50))
    wait_until(lambda: _exported(ids[-1], left[-1]), "all of it is exported", 120)
    archive = in_exporter(NAMESPACE, "tar", "-C", EXPORT, "-c", *FILES)
    with namespace("restored") as new:
        install(tmp_path, new, WITHOUT_AUTH)
        in_exporter(new, "sh", "-c", f"mkdir {OLD} && tar -C {OLD} -x", stdin=archive)
        in_exporter(new, "python", "-m", "services.exporter", "restore", OLD)
        told = in_exporter(new, "python", "-c", TELL, str(ids[0]), str(waiting))
    assert json.loads(told) == {"job": "done", "assets": 2, "ready": len(left), "first": left[0], "user": manager.user}


def _exported(done: int, queued: int) -> bool:
    """Whether a job's result and another's place are in the files."""
    results = json.loads(in_exporter(NAMESPACE, "cat", f"{EXPORT}/results.json"))["results"]
    places = json.loads(in_exporter(NAMESPACE, "cat", f"{EXPORT}/queues.json"))["places"]
    return done in {one["job"] for one in results} and queued in {job for one in places for job in one["jobs"]}


TELL = """
import asyncio, json, sys
from services.settings import settings
from services.store import jobs, queues, results, users
from services.store.connection import Store

async def main():
    store = Store.connect(settings().store)
    job, result = await jobs.get(store, int(sys.argv[1])), await results.get(store, int(sys.argv[1]))
    queue = await queues.get(store, int(sys.argv[2]))
    first = await queues.pull(store, queue.index)
    print(json.dumps({"job": str(job.status), "assets": result.assets, "ready": queue.ready, "first": first.id,
                      "user": (await users.get(store, job.owner)).name}))
    await store.close()

asyncio.run(main())
"""
