"""The exported files bring a system back, in another namespace with a new, empty store."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.kube import get, kubectl
from tests.e2e.system import Person, cheap
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(900)
NEW = "restored"
EXPORT = "/var/lib/foresail/export"
OLD = "/var/lib/foresail/old"
"""Not in /tmp: a pod that needs more than 64 MiB there is evicted."""
WITHOUT_AUTH = ("--set", "auth.autoscaling.enabled=false,auth.replicas=0", "--set", "ingress.enabled=false")


@pytest.fixture
def namespace() -> Iterator[str]:
    kubectl("create", "namespace", NEW)
    yield NEW
    kubectl("delete", "namespace", NEW, "--wait=false")


def test_users_jobs_results_and_queues_come_back(manager: Person, namespace: str, tmp_path: Path) -> None:
    queue, ids = manager.filled(cheap(300))
    manager.wait_for_run(manager.start(queue), "done")
    waiting, left = manager.filled(cheap(50))
    wait_until(lambda: _exported(ids[-1], left[-1]), "all of it is exported", 120)
    archive = _exec("foresail", "tar", "-C", EXPORT, "-c", ".")
    _install(tmp_path, namespace, *WITHOUT_AUTH)
    _exec(namespace, "sh", "-c", f"mkdir {OLD} && tar -C {OLD} -x", stdin=archive)
    _exec(namespace, "python", "-m", "services.exporter", "restore", OLD)
    told = _exec(namespace, "python", "-c", TELL, str(ids[0]), str(waiting))
    assert json.loads(told) == {"job": "done", "assets": 2, "ready": len(left), "first": left[0], "user": manager.user}


def _exported(done: int, queued: int) -> bool:
    """Whether a job's result and another's place are in the files."""
    results = json.loads(_exec("foresail", "cat", f"{EXPORT}/results.json"))["results"]
    places = json.loads(_exec("foresail", "cat", f"{EXPORT}/queues.json"))["places"]
    return done in {one["job"] for one in results} and queued in {job for one in places for job in one["jobs"]}


TELL = """
import asyncio, json, sys
from services.config import settings
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


def _install(folder: Path, namespace: str, *words: str) -> None:
    """A second release with the first one's values."""
    values = folder / "values.json"
    values.write_bytes(_run("helm", "--namespace", "foresail", "get", "values", "foresail", "--output", "json"))
    command = ["helm", "install", "foresail", "charts/foresail", "--namespace", namespace, "--values", str(values)]
    _run(*command, *words)
    wait_until(lambda: _ready(namespace, "foresail-exporter"), "the new exporter is ready", 180)
    wait_until(lambda: _ready(namespace, "foresail-queueing"), "the new services reach their store", 180)


def _ready(namespace: str, name: str) -> bool:
    (found,) = get("deployments", "--field-selector", f"metadata.name={name}", namespace=namespace)
    return bool(found["status"].get("readyReplicas"))


def _exec(namespace: str, *words: str, stdin: bytes = b"") -> bytes:
    return _run(
        "kubectl", "--namespace", namespace, "exec", "-i", "deployment/foresail-exporter", "--", *words, stdin=stdin
    )


def _run(*words: str, stdin: bytes = b"") -> bytes:
    done = subprocess.run(words, input=stdin, capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
