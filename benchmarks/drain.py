"""Draining a queue by `mpiexec -n 2`, with real forecasts of ten assets a job and stored results.

Beside it the Python queues, each with one worker process and the configuration that is known to be its fastest, which
drain jobs that do nothing from the same kind of store; and the store alone: claims and completions with payloads of
the same size that nobody calculated.
"""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median

import uvloop

from benchmarks import measure
from benchmarks.measure import Row
from services.errors import ConflictError
from services.forecasting.rows import RowLayout
from services.models import LEVELS, JobSpec, Run, RunState
from services.store import claims, queues, results, runs
from services.store.connection import Store

ASSETS, HORIZON, BATCH, LEASE_SECONDS = 10, 10, 500, 30
PAYLOAD = results.pack(HORIZON, LEVELS, ASSETS, 1, 0.0) + os.urandom(ASSETS * RowLayout(HORIZON, LEVELS).width * 8)
RIVALS = {"dramatiq": 20_000, "celery": 4_000, "rq": 1_000, "arq": 6_000, "saq": 6_000, "taskiq": 8_000}
"""How many jobs that do nothing take each of them a few seconds."""
ROOT = Path(__file__).parents[1]
RIVALS_PYTHON = ROOT / ".venv-bench/bin/python"


async def filled(store: Store, count: int) -> int:
    """A queue with jobs of ten random assets each."""
    draw = random.Random(1)
    index = await queues.create(store, "", 3)
    for first in range(0, count, 5000):
        some = range(first, min(first + 5000, count))
        specs = [JobSpec("market", tuple(draw.sample(range(100), ASSETS)), "ols", HORIZON) for _ in some]
        await queues.enqueue(store, index, "bob", specs)
    return index


async def raw(url: str, count: int) -> float:
    """Jobs a second by the store alone."""
    store = measure.connected(url)
    index = await filled(store, count)
    began = time.perf_counter()
    while len(answer := await store.call("claim", index, BATCH, LEASE_SECONDS, "")) > 1:
        words = [word for job_id in answer[1 :: claims.FIELDS] for word in (job_id, "done", ASSETS, PAYLOAD)]
        stale = await store.call("complete", index, answer[0], "", *words)
        assert not stale, "each of them is finished"
    rate = count / (time.perf_counter() - began)
    await store.command("FLUSHALL")
    await store.close()
    return rate


async def program(store: Store, url: str, index: int, most: int, ranks: int = 2) -> Run:
    """The run of the program on this queue, asked to stop when it has done `most` jobs."""
    command = [str(Path(sys.executable).parent / "mpiexec"), "-n", str(ranks), sys.executable, "-m", "mpi4py"]
    extra = {"FORESAIL_STORE_URL": url, "FORESAIL_RUN_BATCH": str(BATCH), "OPENBLAS_NUM_THREADS": "1"}
    process = await asyncio.create_subprocess_exec(
        *command, "-m", "services.drain", "--queue", str(index), env=os.environ | extra, stderr=subprocess.DEVNULL
    )
    ended = asyncio.create_task(process.wait())
    before = await runs.page(store, None, 1)
    while not ended.done():
        await asyncio.wait({ended}, timeout=0.05)
        found = await runs.page(store, None, 1)
        if found != before and found[0].jobs_done >= most:
            with suppress(ConflictError):
                await runs.request_stop(store, found[0].id)
            await ended
    (run,) = await runs.page(store, None, 1)
    assert run.state in (RunState.DONE, RunState.STOPPED), run
    return run


def rate(run: Run) -> float:
    """Jobs a second from the moment when the ranks were together."""
    assert run.started is not None
    assert run.finished is not None
    return run.jobs_done / (run.finished - run.started)


async def drained(url: str, count: int) -> float:
    """Jobs a second by the program."""
    store = measure.connected(url)
    run = await program(store, url, await filled(store, count), count + 1)
    assert run.jobs_done == count
    await store.command("FLUSHALL")
    await store.close()
    return rate(run)


def rival(name: str, count: int) -> float:
    """Jobs that do nothing a second, by one worker process of another queue."""
    with measure.server() as server:
        script = Path(__file__).parent / "rivals" / f"noop_{name}.py"
        done = subprocess.run(
            [RIVALS_PYTHON, script, server.url, str(count)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-500:]}")
    return count / float(done.stdout.split()[-1])


def rows(quick: bool) -> Iterator[Row]:
    """Against the rivals and the store alone."""
    count, rivals = (1000, {}) if quick else (20_000, RIVALS)
    with measure.server() as server:
        calls = {
            "foresail": lambda: uvloop.run(drained(server.url, count)),
            "store alone": lambda: uvloop.run(raw(server.url, count)),
            **{name: lambda name=name: rival(name, rivals[name]) for name in rivals},  # type: ignore[misc]
        }
        found = measure.rounds(calls, 1 if quick else measure.ROUNDS)
    told = measure.figures(found, "jobs/s")
    if rivals:
        fastest = max(rivals, key=lambda name: median(found[name]))
        against = f"{fastest}, the fastest Python queue, on jobs that do nothing"
        yield Row(
            f"draining {count:,} jobs: {against}", measure.ratio(found, "foresail", fastest), least=10, figures=told
        )
    share = measure.ratio(found, "foresail", "store alone")
    yield Row(f"draining {count:,} jobs: the store alone, in batches of {BATCH}", share, least=0.7, figures=told)


if __name__ == "__main__":
    measure.main(rows, __doc__)
