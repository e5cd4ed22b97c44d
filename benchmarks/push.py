"""Pushing one job by HTTP, authorised and validated, against a bare FastAPI endpoint that only parses the same body.

Each in one uvicorn worker, asked over 32 connections that send the next request when the last is answered; rounds by
turns, so that a slow moment of the machine meets both; medians. The store has its append-only file, as in production.
"""

import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks import measure
from benchmarks.measure import Row

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
GUARDED = ("--http", "services.web.protocol:Guarded")
"""With the limits of connections, as the services are started everywhere."""


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


async def measure_round(url: httpx.URL, request: bytes, seconds: float) -> Round:
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
def served(app: str, folder: Path, settings: dict[str, str], options: Sequence[str] = ()) -> Iterator[httpx.URL]:
    """An app in one uvicorn worker, without a line of log for each request."""
    log = folder / f"{app.replace(':', '-')}.log"
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        app,
        "--port",
        "0",
        "--no-access-log",
        "--app-dir",
        str(folder),
        *options,
    ]
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


@contextmanager
def pair() -> Iterator[dict[str, tuple[httpx.URL, bytes]]]:
    """Both servers, each with the request that it is to be asked."""
    with tempfile.TemporaryDirectory(prefix="fs-") as name, measure.server() as store:
        folder = Path(name)
        (folder / "bare.py").write_text(BARE)
        settings = {"FORESAIL_STORE_URL": store.url, "FORESAIL_AUTH_FIRST_PASSWORD": PASSWORD}
        token = prepare(folder, settings)
        quiet = settings | {"FORESAIL_LOG_LEVEL": "warning"}
        with (
            served("bare:app", folder, {}) as bare,
            served("services.queueing.app:app", folder, quiet, GUARDED) as queueing,
        ):
            header = {"Authorization": f"Bearer {token}"}
            index = httpx.post(queueing.join("/queueing/queues"), json={}, headers=header).json()["index"]
            yield {
                "push": (queueing, request_to(f"/queueing/queues/{index}/jobs", token)),
                "bare": (bare, request_to("/bare")),
            }


def rows(quick: bool) -> Iterator[Row]:
    """The rate, and the tail of the answers."""
    count, seconds = (1, 0.2) if quick else (measure.ROUNDS, 3.0)
    with pair() as asked:
        for url, request in asked.values():
            asyncio.run(measure_round(url, request, seconds / 2))
        found: dict[str, list[Round]] = {name: [] for name in asked}
        for _ in range(count):
            for name, (url, request) in asked.items():
                found[name].append(asyncio.run(measure_round(url, request, seconds)))
    rates = {name: [one.rate for one in found[name]] for name in found}
    told = measure.figures(rates, "requests/s")
    yield Row(
        f"pushing one job: a bare endpoint, {CONNECTIONS} connections",
        measure.ratio(rates, "push", "bare"),
        least=0.6,
        figures=told,
    )
    tail = statistics.median(one.p99 / one.p50 for one in found["push"])
    waits = [statistics.median(getattr(one, key) for one in found["push"]) * 1000 for key in ("p50", "p99")]
    name = "pushing one job: its 99th of a hundred waits against the median"
    yield Row(name, tail, most=3, figures="p50 {:.1f} ms; p99 {:.1f} ms".format(*waits))


if __name__ == "__main__":
    measure.main(rows, __doc__)
