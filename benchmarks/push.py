"""Pushing one job by HTTP, authorised and validated, against a bare FastAPI endpoint that only parses the same body.

Each in one uvicorn worker, asked over 32 connections that send the next request when the last is answered; rounds by
turns, so that a slow moment of the machine meets both; medians. The store has its append-only file, as in production.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from services.store.embedded import EmbeddedStore

CONNECTIONS = 32
BODY = {"assets": list(range(10)), "model": "ols", "horizon": 10}
BARE = """
from typing import Any
from fastapi import FastAPI
app = FastAPI()
@app.post("/bare")
async def bare(body: dict[str, Any]) -> dict[str, int]:
    return {"assets": len(body)}
"""
PASSWORD = "the first password of all"


@dataclass(frozen=True, slots=True)
class Round:
    """Answers a second, and seconds of waiting of the median and of the 99th of a hundred."""

    rate: float
    p50: float
    p99: float


class Client(asyncio.Protocol):
    """One connection that asks again and again until the deadline."""

    def __init__(self, request: bytes, deadline: float, waits: list[float]) -> None:
        self.request, self.deadline, self.waits = request, deadline, waits
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.began = 0.0
        self.answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        """A piece of an answer; with its last one, ask again."""
        self.answer += data
        head, end, body = self.answer.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        if not end or length is None or len(body) < int(length[1]):
            return
        assert head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")), self.answer
        self.answer = b""
        self.waits.append(time.perf_counter() - self.began)
        if self.began < self.deadline:
            self._ask()
        else:
            self.over.set_result(None)
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The round fails where the server ends a connection."""
        if not self.over.done():
            self.over.set_exception(exc or ConnectionError(f"closed after {self.answer!r}"))

    def _ask(self) -> None:
        self.began = time.perf_counter()
        self.transport.write(self.request)


async def measure(url: httpx.URL, request: bytes, seconds: float) -> Round:
    """One round over all connections."""
    waits: list[float] = []
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    clients = [Client(request, began + seconds, waits) for _ in range(CONNECTIONS)]
    for client in clients:
        await loop.create_connection(lambda client=client: client, url.host, url.port or 80)  # type: ignore[misc]
    await asyncio.gather(*(client.over for client in clients))
    cuts = statistics.quantiles(waits, n=100)
    return Round(len(waits) / (time.perf_counter() - began), cuts[49], cuts[98])


@contextmanager
def served(app: str, folder: Path, settings: dict[str, str]) -> Iterator[httpx.URL]:
    """An app in one uvicorn worker, without a line of log for each request."""
    log = folder / f"{app.replace(':', '-')}.log"
    command = [sys.executable, "-m", "uvicorn", app, "--port", "0", "--no-access-log", "--app-dir", str(folder)]
    paths = os.pathsep.join([str(Path(__file__).parents[1]), str(folder)])
    with log.open("wb") as stream:
        environment = os.environ | settings | {"PYTHONPATH": paths, "FORESAIL_WEB_METRICS_PORT": "0"}
        process = subprocess.Popen(command, stderr=stream, stdout=stream, env=environment)
    try:
        while not (found := re.search(r"running on (http://[\d.:]+)", log.read_text())):
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        yield httpx.URL(found[1])
    finally:
        process.terminate()
        process.wait()


def request_to(path: str, token: str = "") -> bytes:
    """The bytes of a request with the body."""
    body = json.dumps(BODY).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Authorization: Bearer {token}\r\n\r\n".encode() + body


def prepare(folder: Path, settings: dict[str, str]) -> str:
    """The first user's token; the auth service is needed for that alone."""
    with served("services.auth.app:app", folder, settings) as url:
        answer = httpx.post(url.join("/auth/login"), json={"user": "admin", "password": PASSWORD}, timeout=60)
        return str(answer.raise_for_status().json()["token"])


def main() -> None:
    """Print the rates, their ratio, and the tail of the service's answers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fs-") as name:
        folder = Path(name)
        (folder / "bare.py").write_text(BARE)
        store = EmbeddedStore(folder / "store")
        store.start()
        try:
            compare(store, folder, words.rounds, words.seconds)
        finally:
            store.stop()


def compare(store: EmbeddedStore, folder: Path, rounds: int, seconds: float) -> None:
    """Run the rounds by turns and print their medians."""
    settings = {"FORESAIL_STORE_URL": store.url, "FORESAIL_AUTH_FIRST_PASSWORD": PASSWORD}
    token = prepare(folder, settings)
    with (
        served("bare:app", folder, {}) as bare,
        served("services.queueing.app:app", folder, settings | {"FORESAIL_LOG_LEVEL": "warning"}) as queueing,
    ):
        header = {"Authorization": f"Bearer {token}"}
        index = httpx.post(queueing.join("/queueing/queues"), json={}, headers=header).json()["index"]
        asked = {
            "bare": (bare, request_to("/bare")),
            "push": (queueing, request_to(f"/queueing/queues/{index}/jobs", token)),
        }
        for url, request in asked.values():
            asyncio.run(measure(url, request, seconds / 2))
        found: dict[str, list[Round]] = {name: [] for name in asked}
        for _ in range(rounds):
            for name, (url, request) in asked.items():
                found[name].append(asyncio.run(measure(url, request, seconds)))
    report(found)


def report(found: dict[str, list[Round]]) -> None:
    """Print the medians."""
    for name, rounds in found.items():
        rate, p50, p99 = (statistics.median(getattr(r, key) for r in rounds) for key in ("rate", "p50", "p99"))
        print(
            f"{name}: {rate:,.0f} requests/s, p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms ({p99 / p50:.1f} x p50)"
        )
    ratios = [push.rate / bare.rate for push, bare in zip(found["push"], found["bare"], strict=True)]
    print(f"ratio: {statistics.median(ratios):.2f} (target 0.6), rounds {', '.join(f'{r:.2f}' for r in ratios)}")


if __name__ == "__main__":
    main()
