"""Ten minutes of everything that people do, and of what they do wrong: the memory of the services stays flat."""

import os
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.api.server import PASSWORD, Server, served
from tests.api.wires import HEAD, connection
from tests.store.process import short_folder

SECONDS = float(os.environ.get("FORESAIL_SOAK_SECONDS", "600"))
PEOPLE = 6
MOST_GROWTH = 1.1
ADMIN = {"user": "admin", "password": "admin"}
CSV = "ds," + ",".join(f"a{asset}" for asset in range(200)) + "\n"
CSV += "".join(f"{step}," + ",".join(str(step % 7) for _ in range(200)) + "\n" for step in range(100))


@pytest.fixture
def server() -> Iterator[Server]:
    """The four services in one process, with a store of their own."""
    with short_folder() as folder:
        with served(folder, {"FORESAIL_LOG_LEVEL": "warning"}) as running:
            yield running
        assert "Traceback" not in running.text()


@pytest.mark.timeout(int(SECONDS) + 300)
def test_the_memory_of_the_services_stays_flat(server: Server) -> None:
    """The tenth after the first, in which all that is made once has been made, against the last one."""
    end = time.monotonic() + SECONDS
    with ThreadPoolExecutor(PEOPLE) as threads:
        people = [threads.submit(_work, server, number, end) for number in range(PEOPLE)]
        sizes = list(_sizes(server, end))
        done = sum(person.result(120) for person in people)
    tenth = len(sizes) // 10
    early, late = statistics.median(sizes[tenth : 2 * tenth]), statistics.median(sizes[-tenth:])
    text = f"{done:,} requests; {early / 2**20:.1f} MiB, then {late / 2**20:.1f} MiB: {late / early:.3f}"
    sys.stderr.write(f"{text}\n")
    assert done > SECONDS, text
    assert late / early <= MOST_GROWTH, text


def _sizes(server: Server, end: float) -> Iterator[int]:
    """The server's resident bytes, five times a second."""
    status = Path(f"/proc/{server.process.pid}/status")
    while time.monotonic() < end:
        found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text("utf-8"))
        assert found
        yield int(found[1]) * 1024
        time.sleep(0.2)


def _work(server: Server, number: int, end: float) -> int:
    """One person's day; how many requests it made."""
    chance = random.Random(number)
    with httpx.Client(base_url=server.url, timeout=60) as client:
        token = client.post("/auth/login", json=ADMIN).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        queue = client.post("/queueing/queues", json={}).json()["index"]
        deeds = _deeds(server, client, f"own{number}", queue)
        done = 0
        while time.monotonic() < end:
            answer = chance.choice(deeds)()
            assert answer is None or answer.status_code < 500 or answer.status_code == 503, answer.text
            done += 1
    return done


def _deeds(server: Server, client: httpx.Client, name: str, queue: int) -> list[Callable[[], httpx.Response | None]]:
    jobs, dataset = f"/queueing/queues/{queue}/jobs", f"/masterdata/datasets/{name}"
    job = {"assets": list(range(10)), "horizon": 10}
    often: list[Callable[[], httpx.Response | None]] = [
        lambda: client.post(jobs, json=job),
        lambda: client.post("/masterdata/jobs", json=job | {"model": "theta"}),
        lambda: client.get("/masterdata/jobs", params={"limit": 100}),
        lambda: client.get("/queueing/queues"),
        lambda: client.get("/masterdata/jobs/1/results"),
        lambda: client.get("/masterdata/datasets"),
        lambda: client.get("/auth/users"),
        lambda: client.get("/readyz"),
        lambda: client.get("/nothing/here"),
        lambda: client.post(jobs, json={"assets": [-1]}),
        lambda: client.post(jobs, content=b"{", headers={"Content-Type": "application/json"}),
        lambda: client.get("/queueing/queues", headers={"Authorization": "Bearer nobody"}),
    ]
    seldom: list[Callable[[], httpx.Response | None]] = [
        lambda: client.post(jobs, json={"jobs": [job] * 2000}),
        lambda: client.post(f"/queueing/queues/{queue}/purge"),
        lambda: client.put(dataset, content=CSV, headers={"Content-Type": "text/csv"}),
        lambda: client.delete(dataset),
        lambda: httpx.post(f"{server.url}/auth/login", json=ADMIN, timeout=60),
        lambda: client.post("/auth/login", json={"user": f"nobody-{name}", "password": PASSWORD}),
        lambda: client.put(dataset, content=b"x" * 2**20, headers={"Content-Type": "text/csv"}),
        lambda: _broken_off(server, HEAD + b"X-Long: " + b"x" * 100_000),
        lambda: _broken_off(server, b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"),
    ]
    return often * 10 + seldom


def _broken_off(server: Server, request: bytes) -> None:
    with suppress(ConnectionError), connection(server) as wire:
        wire.sendall(request)
