"""The longest command of the store in each operation, with a million jobs queued: while it runs, nobody else is served.

Durations are the store's own, from its slow log: time spent in the command, not on the wire. On a busy machine they
contain the time in which the store was not running, so the smallest of several rounds is shown beside the largest. What
takes long, or leaves nothing to repeat it on, has one round.
"""

import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import numpy as np
import uvloop

from benchmarks import measure, million, slow_log
from benchmarks.measure import Row
from services.config import RetentionSettings
from services.models import Dataset, JobSpec, JobStatus, RunState
from services.store import claims, datasets, dump, invariants, jobs, queues, results, retention, runs
from services.store.connection import Store
from services.store.listing import Place

PUSH = 10_000
BATCH = 500
MOST_MS = 20.0
PAYLOAD = results.pack(10, (80, 95), 10, 1, 0.0) + bytes(10 * 53 * 8)
DRAW = random.Random(1)
LARGE = np.random.default_rng(1).random((1024, 8192))
Operation = Callable[[], Awaitable[Any]]


def specs(count: int) -> list[JobSpec]:
    """Jobs of ten random assets each."""
    return [JobSpec("market", tuple(DRAW.sample(range(100), 10)), "ols", 10) for _ in range(count)]


class Bench:
    """A queue full of jobs, and what can be done to it."""

    def __init__(self, store: Store, index: int, push: int, rounds: int) -> None:
        self.store = store
        self.index = index
        self.push_size = push
        self.rounds = rounds
        self.claim = claims.Claim(index, 0, ())
        self.waits: list[float] = []
        self.worst = (0.0, "")

    async def measure(self, name: str, operation: Operation, rounds: int = 0) -> None:
        """Print the longest command of each round: the smallest and the largest of them."""
        longest: list[slow_log.Slowest] = []
        rounds = rounds or self.rounds
        for _ in range(rounds):
            await slow_log.reset(self.store)
            await operation()
            longest.append(await slow_log.slowest(self.store))
        least, most = (pick(longest, key=lambda one: one.milliseconds) for pick in (min, max))
        times = f"the smallest of {rounds} rounds" if rounds > 1 else "one round"
        self.worst = max(self.worst, (least.milliseconds, f"{least.what}, to {name} ({times})"))
        sys.stderr.write(f"{name:44} {least.milliseconds:8.2f} {most.milliseconds:8.2f}  {most.what}\n")

    async def delete(self) -> None:
        """All of it, while others push to another queue and are answered."""
        other = await queues.create(self.store, "other", 3)
        deleting = asyncio.create_task(queues.delete(self.store, self.index))
        while not deleting.done():
            began = time.perf_counter()
            await queues.enqueue(self.store, other, "bob", specs(1))
            self.waits.append(time.perf_counter() - began)
        await deleting

    async def all(self) -> None:
        """Every operation whose work grows with anything."""
        sys.stderr.write(f"{'longest command of':44} {'least ms':>8} {'most ms':>8}  command\n")
        await self.measure(f"push {self.push_size:,} jobs", self.push)
        await self.measure("push one job", lambda: queues.enqueue(self.store, self.index, "bob", specs(1)))
        await self.measure(f"claim {BATCH}", self.take)
        await self.measure("renew", lambda: claims.renew(self.store, self.claim, 600))
        await self.measure("release", self.release)
        await self.measure("complete, results of 10 assets", self.complete)
        await self.measure("leases run out, and somebody claims", self.redeliver)
        await self.measure("dead-letter", self.bury)
        await self.measure("redrive", lambda: queues.redrive(self.store, self.index), 1)
        await self.measure("cancel, list and delete", self.by_hand)
        await self.measure("begin and end a run", self.run)
        await self.measure("put a dataset of 64 MiB", self.put)
        await self.measure("see queues", lambda: queues.page(self.store, 0, 100))
        await self.measure("sweep what is over", self.sweep)
        await self.measure("dump for the exporter", self.dump, 1)
        await self.measure("check the invariants", lambda: invariants.violations(self.store), 1)
        await self.measure("delete the queue", self.delete, 1)

    async def push(self) -> None:
        """By the two phases."""
        await queues.enqueue(self.store, self.index, "bob", specs(self.push_size))

    async def take(self) -> None:
        """Claim a batch."""
        self.claim = await claims.claim(self.store, self.index, BATCH, 600)

    async def release(self) -> None:
        """Claim and give back."""
        await self.take()
        await claims.release(self.store, self.claim, "")

    async def complete(self) -> None:
        """Claim and finish."""
        await self.take()
        outcomes = [claims.Outcome(job.id, 10, PAYLOAD) for job in self.claim.jobs]
        await claims.complete(self.store, self.claim, outcomes)

    async def redeliver(self) -> None:
        """A lease that is over at once."""
        await claims.claim(self.store, self.index, BATCH, 0.001)
        await asyncio.sleep(0.01)
        await self.take()

    async def bury(self) -> None:
        """Claim and call impossible."""
        await self.take()
        outcomes = [claims.Outcome(job.id, 10, reason="impossible") for job in self.claim.jobs]
        await claims.complete(self.store, self.claim, outcomes)

    async def by_hand(self) -> None:
        """What people do to jobs."""
        newest = [job.id for job in await jobs.page(self.store, "bob", None, 100)]
        await queues.waiting(self.store, self.index, Place(str(9 * 2**48 + 500_000), 0), 100)
        await jobs.set_status(self.store, newest, JobStatus.CANCELLED, "")
        await jobs.delete(self.store, newest)

    async def run(self) -> None:
        """A run of this queue."""
        run = await runs.start(self.store, self.index, "bob", 2, 0)
        await runs.begin(self.store, run, ["here"], "program")
        await runs.beat(self.store, run)
        await runs.end(self.store, run, RunState.DONE, "")

    async def put(self) -> None:
        """The largest that the settings allow, in place of the one before."""
        known = Dataset("large", "bob", 0, 8192, tuple(map(str, range(1024))), 0.0)
        await datasets.put(self.store, known, LARGE, replace_others=False)

    async def sweep(self) -> None:
        """As if a day were a moment."""
        await retention.sweep(self.store, RetentionSettings(finished_days=1e-9, dead_letter_days=1e-9, run_days=1e-9))

    async def dump(self) -> None:
        """Every page of the largest parts."""
        async for block in dump.blocks(self.store):
            await dump.jobs(self.store, block)
            async for _ in dump.results(self.store, block):
                pass
        for place in dump.PLACES:
            async for _ in dump.places(self.store, self.index, place):
                pass


async def measured(url: str, push: int, rounds: int) -> Bench:
    """Every operation."""
    store = measure.connected(url)
    bench = Bench(store, million.QUEUE, push, rounds)
    await bench.all()
    await store.close()
    return bench


def rows(quick: bool) -> Iterator[Row]:
    """The longest of all, and how long others waited while the queue was deleted."""
    count, push, times = (3000, 500, 1) if quick else (1_050_000, PUSH, measure.ROUNDS)
    with million.server(count) as server:
        bench = uvloop.run(measured(server.url, push, times))
    worst, what = bench.worst
    name = f"the store's longest command with {count:,} queued, of {MOST_MS:g} ms"
    yield Row(name, worst / MOST_MS, most=1, figures=f"{worst:.1f} ms: {what}")
    longest = max(bench.waits, default=0.0) * 1000
    waits = f"{len(bench.waits):,} pushes of one job; the longest took {longest:.1f} ms"
    yield Row(f"pushes that were answered while a queue of {count:,} jobs was deleted", None, figures=waits)


if __name__ == "__main__":
    measure.main(rows, __doc__)
