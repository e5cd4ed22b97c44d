"""The services on a store of their own, whose process a test stops, fills or keeps from its disk."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.api.server import Server, served
from tests.kills.world import World
from tests.processes import Process, started_for
from tests.store.process import running, short_folder
from tests.waiting import wait_until

JOB = {"assets": [0]}
PATIENCE = 10.0
"""Seconds in which any answer must come; `make soak` measures the two that are promised."""


@dataclass
class System:
    """The services, an admin who talks to them, and the process of the store."""

    server: Server
    store_url: str
    store_pid: int
    client: httpx.Client
    world: World

    def stop_store(self) -> None:
        """It takes connections and requests from now on, and answers none."""
        os.kill(self.store_pid, signal.SIGSTOP)

    def resume_store(self) -> None:
        os.kill(self.store_pid, signal.SIGCONT)

    def push(self, **changes: Any) -> httpx.Response:
        return self.client.post("/queueing/queues/1/jobs", json={**JOB, **changes})

    def push_many(self, count: int, **changes: Any) -> httpx.Response:
        return self.client.post("/queueing/queues/1/jobs", json={"jobs": [{**JOB, **changes}] * count})

    def push_heavy(self, count: int) -> None:
        """Jobs that share no work."""
        jobs = [{"assets": list(range(60)), "model": "theta", "horizon": 1 + n % 140} for n in range(count)]
        assert self.client.post("/queueing/queues/1/jobs", json={"jobs": jobs}).status_code == 201

    def queue(self) -> dict[str, Any]:
        answer = self.client.get("/queueing/queues/1")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def run(self, run_id: int) -> dict[str, Any]:
        answer = self.client.get(f"/calculations/runs/{run_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def start_run(self) -> int:
        answer = self.client.post("/calculations/runs", json={"queue": 1, "processes": 2})
        assert answer.status_code == 202, answer.text
        return int(answer.json()["id"])

    def program(self, run_id: int) -> dict[str, Process]:
        """The processes of a run."""
        return self.world.program(run_id)

    def ready(self) -> bool:
        return self.client.get("/readyz").is_success


def assert_away(answer: httpx.Response, code: str = "unavailable") -> None:
    """A 503 that says when to try again."""
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code


def assert_out_of_service(system: System) -> None:
    """Whatever is asked, that the store is away is what is told; the process itself is well."""
    for path in ("/readyz", "/queueing/queues", "/masterdata/jobs", "/calculations/runs", "/auth/users"):
        assert_away(system.client.get(path))
    assert_away(system.push())
    assert system.client.get("/livez").status_code == 200


@contextmanager
def system(settings: Mapping[str, str], *options: str) -> Iterator[System]:
    """Services with these settings on a store with these options; there is a queue."""
    with short_folder() as folder, running("--appendonly", "yes", "--save", "", *options) as socket:
        url = f"unix://{socket}"
        world = World(folder, 0)
        with served(folder, {"FORESAIL_STORE_URL": url, **settings}) as server:
            client = logged_in(server)
            try:
                pid = next(found.pid for found in started_for(socket.parent) if "valkey" in found.words[0])
                yield System(server, url, pid, client, world)
            finally:
                client.close()


def logged_in(server: Server) -> httpx.Client:
    """The first user."""
    client = httpx.Client(base_url=server.url, timeout=PATIENCE)
    answer = client.post("/auth/login", json={"user": "admin", "password": "admin"})
    client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    assert client.post("/queueing/queues", json={"max_attempts": 100}).status_code == 201
    return client


def file_size(folder: Path) -> int:
    """Bytes of a store's append-only file."""
    return sum(path.stat().st_size for path in (folder / "appendonlydir").glob("*.incr.aof"))


def until_ready(system: System) -> None:
    wait_until(system.ready, "the services are ready again, without a restart", 60)
