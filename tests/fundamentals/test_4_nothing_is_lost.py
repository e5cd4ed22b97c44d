"""A run is killed half-way: the next one finishes every job, each exactly once, in order."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from services.store.embedded import EmbeddedStore
from tests.api.server import Api, served
from tests.waiting import wait_until

JOBS = 200


@pytest.mark.timeout(120)
def test_nothing_is_lost_when_a_run_is_killed(store_server: EmbeddedStore, tmp_path: Path) -> None:
    short = {"FORESAIL_STORE_URL": store_server.url, "FORESAIL_QUEUE_LEASE_SECONDS": "3", "FORESAIL_RUN_BATCH": "10"}
    with served(tmp_path, short) as server:
        api = Api(server, store_server.url)
        queue = api.manager.post("/queueing/queues", json={"name": "daily"}).json()["index"]
        jobs = [{"assets": list(range(10)), "model": "theta", "horizon": 1 + n % 10} for n in range(JOBS)]
        assert api.employee.post(f"/queueing/queues/{queue}/jobs", json={"jobs": jobs}).status_code == 201

        killed = _start(api, queue)
        wait_until(lambda: api.manager.get(killed).json()["jobs_done"] > 0, "the run has finished some jobs")
        _kill(store_server.url)
        wait_until(lambda: api.manager.get(killed).json()["state"] == "failed", "the run is seen to have failed")

        where = f"/queueing/queues/{queue}"
        wait_until(lambda: api.manager.get(where).json()["leased"] == 0, "the dead run's leases have run out")

        second = _start(api, queue)
        wait_until(lambda: api.manager.get(second).json()["state"] == "done", "the second run is done", 60)
        finished = [_finished(api, run) for run in (killed, second)]
        assert sorted(finished[0] + finished[1]) == list(range(1, JOBS + 1)), "each job was finished exactly once"
        assert [sorted(part) for part in finished] == finished, "in the order in which they were pushed"
        api.close()


def _start(api: Api, queue: int) -> str:
    return f"/calculations/runs/{api.manager.post('/calculations/runs', json={'queue': queue}).json()['id']}"


def _kill(store_url: str) -> None:
    """Kill mpiexec and both ranks at once, as a power cut would."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            if b"services.drain" in words and store_url.encode() in (process / "environ").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)


def _finished(api: Api, run: str) -> list[int]:
    """The jobs that a run finished, in its order."""
    jobs: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = api.manager.get(f"{run}/results", params={"limit": 1000, "cursor": cursor}).json()
        jobs += [result["job"] for result in page["items"]]
        cursor = page["next"]
    return jobs
