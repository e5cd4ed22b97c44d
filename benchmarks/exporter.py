"""The exporter with very many jobs, queued and finished, while both change: how old its files get, and what it takes.

Meanwhile jobs are pushed, claimed and finished all the time. The age is the exporter's own metric, its memory that of
its process, the longest command that of the store's slow log.
"""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import uvloop

from benchmarks import measure, million, slow_log
from benchmarks.drain import ASSETS, HORIZON
from benchmarks.measure import Row
from services.forecasting.rows import RowLayout
from services.models import LEVELS, JobSpec
from services.store import claims, queues, results
from services.store.connection import Store

MOST_AGE, MOST_MIB, MOST_MS = 30, 200, 20
CHANGED = 250
"""Jobs that are pushed, and as many that are claimed and finished, every second."""
_ROWS = np.random.default_rng(1).random((ASSETS, RowLayout(HORIZON, LEVELS).width))
PAYLOAD = results.pack(HORIZON, LEVELS, ASSETS, 1, 0.0) + _ROWS.tobytes()


@dataclass
class Watched:
    """An exporter's process and the worst that was seen of it."""

    process: asyncio.subprocess.Process
    metrics: str
    first_mib: float
    mib: float = 0
    age: float = 0
    exports: int = 0

    async def look(self, client: httpx.AsyncClient) -> None:
        """Note its age and its memory."""
        text = (await client.get(self.metrics)).text
        self.age = max(self.age, _sample(text, "foresail_export_age_seconds"))
        self.exports = int(_sample(text, "foresail_export_duration_seconds_count"))
        self.mib = max(self.mib, _memory(self.process.pid) - self.first_mib)

    async def until(self, exports: int, client: httpx.AsyncClient) -> float:
        """Look until there were so many exports; returns when that was."""
        while self.exports < exports:
            await self.look(client)
            await asyncio.sleep(0.1)
        return time.monotonic()


def _sample(text: str, name: str) -> float:
    found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
    assert found, text
    return float(found[1])


def _memory(pid: int) -> float:
    """MiB of a process that are its own."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


@asynccontextmanager
async def exporting(url: str, folder: Path, interval: float) -> AsyncIterator[Watched]:
    """The exporter as a process of its own."""
    settings = {
        "FORESAIL_STORE_URL": url,
        "FORESAIL_STORE_TIMEOUT_SECONDS": "60",
        "FORESAIL_EXPORT_FOLDER": str(folder),
        "FORESAIL_EXPORT_INTERVAL_SECONDS": str(interval),
        "FORESAIL_EXPORT_METRICS_PORT": "0",
        "FORESAIL_LOG_FORMAT": "text",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.exporter", env=os.environ | settings, stderr=subprocess.PIPE
    )
    try:
        yield Watched(process, await _metrics(process), _memory(process.pid))
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _metrics(process: asyncio.subprocess.Process) -> str:
    """Where the exporter says that its metrics are."""
    assert process.stderr is not None
    while line := await process.stderr.readline():
        if found := re.search(rb"metrics on (http://\S+)", line):
            return found[1].decode()
    raise AssertionError("the exporter ended before it had metrics")


async def change(store: Store, index: int) -> None:
    """Push, claim and finish, once a second, for ever."""
    spec = JobSpec("market", tuple(range(ASSETS)), "ols", HORIZON)
    while True:
        began = time.monotonic()
        await queues.enqueue(store, index, "bob", [spec] * CHANGED)
        await finish(store, index, CHANGED)
        await asyncio.sleep(max(0.0, began + 1 - time.monotonic()))


async def finish(store: Store, index: int, count: int) -> None:
    """Claim and complete so many."""
    for first in range(0, count, claims.PIECE):
        claim = await claims.claim(store, index, min(claims.PIECE, count - first), 600)
        await claims.complete(store, claim, [claims.Outcome(job.id, ASSETS, PAYLOAD) for job in claim.jobs])


async def watch(url: str, finished: int, seconds: float) -> tuple[float, Watched, slow_log.Slowest]:
    """Seconds of the first export, which reads everything; then the worst of those that follow."""
    store, index = measure.connected(url), million.QUEUE
    await finish(store, index, finished)
    await slow_log.reset(store)
    with tempfile.TemporaryDirectory(prefix="fs-") as folder:
        began = time.monotonic()
        async with exporting(url, Path(folder), min(10, seconds)) as exporter, httpx.AsyncClient() as client:
            changing = asyncio.create_task(change(store, index))
            first = await exporter.until(1, client) - began
            await exporter.until(2, client)  # until then the files are as old as the first export was long
            exporter.age = 0.0
            end = time.monotonic() + seconds
            while time.monotonic() < end or exporter.exports < 4:
                await exporter.look(client)
                assert not changing.done()
                await asyncio.sleep(0.2)
            changing.cancel()
            with suppress(asyncio.CancelledError):
                await changing
    slowest = await slow_log.slowest(store)
    await store.close()
    return first, exporter, slowest


def rows(quick: bool) -> Iterator[Row]:
    """Age, memory and the longest command."""
    jobs, finished, seconds = (3000, 100, 0.1) if quick else (1_050_000, 50_000, 120.0)
    with million.server(jobs) as server:
        first, exporter, slowest = uvloop.run(watch(server.url, finished, seconds))
    what = f"{jobs - finished:,} queued and {finished:,} finished jobs, both changing"
    shown = f"at worst {exporter.age:.1f} s in {exporter.exports} exports; the first, of everything, took {first:.1f} s"
    yield Row(
        f"the exporter with {what}: age of its files, of {MOST_AGE} s", exporter.age / MOST_AGE, most=1, figures=shown
    )
    grown = f"{exporter.mib:.0f} MiB over the {exporter.first_mib:.0f} MiB of its start"
    yield Row(f"the same: memory, of {MOST_MIB} MiB over its start", exporter.mib / MOST_MIB, most=1, figures=grown)
    shown = f"{slowest.milliseconds:.1f} ms: {slowest.what}"
    yield Row(
        f"the same: the store's longest command, of {MOST_MS} ms", slowest.milliseconds / MOST_MS, most=1, figures=shown
    )


if __name__ == "__main__":
    measure.main(rows, __doc__)
