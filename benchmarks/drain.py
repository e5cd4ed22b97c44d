"""Draining a queue by `mpiexec -n 2`, against the store alone: claims and completions with payloads of that size.

The store alone is asked for batches of 500 without reading what a job wants: what is left is the price of the program.
Rounds by turns, so that a slow moment of the machine meets both; medians. The store has its append-only file.
"""

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from services.config import StoreSettings
from services.forecasting.rows import RowLayout
from services.models import LEVELS, JobSpec, RunState
from services.store import queues, results, runs
from services.store.connection import Store
from services.store.embedded import EmbeddedStore

ASSETS = 10
HORIZON = 10
BATCH = 500
LEASE_SECONDS = 30
PAYLOAD = results.pack(HORIZON, LEVELS, ASSETS, 1, 0.0) + os.urandom(ASSETS * RowLayout(HORIZON, LEVELS).width * 8)


async def filled(store: Store, count: int) -> int:
    """A queue with jobs of ten random assets each."""
    draw = random.Random(1)
    specs = [JobSpec("market", tuple(draw.sample(range(100), ASSETS)), "ols", HORIZON) for _ in range(count)]
    index = await queues.create(store, "", 3)
    for first in range(0, count, 5000):
        await queues.enqueue(store, index, "bob", specs[first : first + 5000])
    return index


async def raw(store: Store, index: int, count: int) -> float:
    """Jobs a second by the store alone."""
    began = time.perf_counter()
    while len(answer := await store.call("claim", index, BATCH, LEASE_SECONDS, "")) > 1:
        words = [word for job_id in answer[1::7] for word in (job_id, "done", ASSETS, PAYLOAD)]
        await store.call("complete", index, answer[0], "", *words)
    return count / (time.perf_counter() - began)


async def drained(store: Store, url: str, index: int, ranks: int) -> float:
    """Jobs a second by the program, from the moment when its ranks are together."""
    command = [str(Path(sys.executable).parent / "mpiexec"), "-n", str(ranks), sys.executable, "-m", "mpi4py"]
    environment = {
        **os.environ,
        "FORESAIL_STORE_URL": url,
        "FORESAIL_RUN_BATCH": str(BATCH),
        "OPENBLAS_NUM_THREADS": "1",
    }
    program = await asyncio.create_subprocess_exec(
        *command, "-m", "services.drain", "--queue", str(index), env=environment, stderr=subprocess.DEVNULL
    )
    assert await program.wait() == 0
    (run,) = await runs.page(store, None, 1)
    assert run.state is RunState.DONE
    assert run.started is not None
    assert run.finished is not None
    return run.jobs_done / (run.finished - run.started)


async def measure(url: str, count: int, rounds: int, ranks: int) -> None:
    """Print jobs a second of both, and their ratio."""
    store = Store.connect(StoreSettings(url=url, timeout_seconds=60))
    alone, program = [], []
    for _ in range(rounds):
        alone.append(await raw(store, await filled(store, count), count))
        program.append(await drained(store, url, await filled(store, count), ranks))
        await store.command("FLUSHALL")
    await store.close()
    ratio = statistics.median(each / other for each, other in zip(program, alone, strict=True))
    print(f"store alone {statistics.median(alone):9,.0f} jobs/s")
    print(f"{ranks} ranks     {statistics.median(program):9,.0f} jobs/s, {ratio:.2f} of it (median of {rounds} pairs)")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ranks", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fs-") as folder:
        server = EmbeddedStore(Path(folder))
        server.start()
        try:
            uvloop.run(measure(server.url, arguments.jobs, arguments.rounds, arguments.ranks))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
