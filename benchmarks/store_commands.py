"""The longest command of the store in each operation, with a million jobs queued: while it runs, nobody else is served.

Durations are the store's own, from its slow log: time spent in the command, not on the wire. On a busy machine they
contain the time in which the store was not running, so the smallest of several rounds is shown beside the largest.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvloop

from services.config import RetentionSettings, StoreSettings
from services.models import JobSpec, JobStatus
from services.store import claims, dump, invariants, jobs, queues, results, retention, runs, scripts
from services.store.connection import Store
from services.store.embedded import EmbeddedStore

PUSH = 10_000
BATCH = 500
MOST_MS = 20.0
LOGGED_US = 200
"""Shorter ones are not logged: what a script does is logged too, and logging it all takes longer than doing it."""
_OWN = (b"SLOWLOG", b"CONFIG")
PAYLOAD = results.pack(10, (80, 95), 10, 1, 0.0) + bytes(10 * 53 * 8)
DRAW = random.Random(1)
Operation = Callable[[], Awaitable[Any]]


def specs(count: int) -> list[JobSpec]:
    """Jobs of ten random assets each."""
    return [JobSpec("market", tuple(DRAW.sample(range(100), 10)), "ols", 10) for _ in range(count)]


class Bench:
    """A queue full of jobs, and what can be done to it."""

    def __init__(self, store: Store, index: int) -> None:
        self.store = store
        self.index = index
        self.claim = claims.Claim(index, 0, ())
        self.worst = 0.0

    async def measure(self, name: str, operation: Operation, rounds: int = 5) -> None:
        """Print the longest command of each round: the smallest and the largest of them."""
        longest: list[tuple[float, str]] = []
        for _ in range(rounds):
            await self.store.command("SLOWLOG", "RESET")
            await operation()
            entries = await self.store.command("SLOWLOG", "GET", -1)
            slow = [(entry[2] / 1000, _named(entry[3])) for entry in entries if entry[3][0] not in _OWN]
            longest.append(max(slow, default=(0.0, f"below {LOGGED_US} us")))
        self.worst = max(self.worst, min(longest)[0])
        print(f"{name:44} {min(longest)[0]:8.2f} {max(longest)[0]:8.2f}  {max(longest)[1]}", flush=True)

    async def all(self) -> None:
        """Every operation whose work grows with anything."""
        print(f"{'longest command of':44} {'least ms':>8} {'most ms':>8}  command")
        await self.measure(f"push {PUSH:,} jobs", self.push)
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
        await self.measure("see queues", lambda: queues.page(self.store, 0, 100))
        await self.measure("sweep what is over", self.sweep)
        await self.measure("dump for the exporter", self.dump, 1)
        await self.measure("check the invariants", lambda: invariants.violations(self.store), 1)
        await self.measure("delete the queue", lambda: queues.delete(self.store, self.index), 1)

    async def push(self) -> None:
        """By the two phases."""
        await queues.enqueue(self.store, self.index, "bob", specs(PUSH))

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
        await queues.waiting(self.store, self.index, 500_000, 100)
        await jobs.set_status(self.store, newest, JobStatus.CANCELLED, "")
        await jobs.delete(self.store, newest)

    async def run(self) -> None:
        """A run of this queue."""
        run = await runs.start(self.store, self.index, "bob", 2, 0)
        await runs.begin(self.store, run, ["here"])
        await runs.beat(self.store, run)

    async def sweep(self) -> None:
        """As if a day were a moment."""
        await retention.sweep(self.store, RetentionSettings(finished_days=1e-9, dead_letter_days=1e-9, run_days=1e-9))

    async def dump(self) -> None:
        """Every page of the largest parts."""
        async for _ in dump.jobs(self.store):
            pass
        async for _ in dump.results(self.store):
            pass
        for place in dump.PLACES:
            async for _ in dump.places(self.store, self.index, place):
                pass


def _named(words: list[bytes]) -> str:
    """The script's name, or the command with its key."""
    text = [word.decode(errors="replace") for word in words[:2]]
    if text[0] == "EVAL":
        return "a script, the first time"
    names = {scripts.script(name).sha: name for name in _scripts()}
    return names.get(text[-1], " ".join(text))


def _scripts() -> list[str]:
    return [name for file in scripts.FOLDER.iterdir() if (name := file.name.removesuffix(".lua")) != "prelude"]


async def measure(url: str, count: int) -> float:
    """Fill the queue and measure; returns the longest command's milliseconds."""
    store = Store.connect(StoreSettings(url=url, timeout_seconds=60))
    await store.commands(
        [("CONFIG", "SET", "slowlog-log-slower-than", LOGGED_US), ("CONFIG", "SET", "slowlog-max-len", 100_000)]
    )
    index = await queues.create(store, "", 3)
    began = time.perf_counter()
    for _ in range(0, count, PUSH):
        await queues.enqueue(store, index, "bob", specs(PUSH))
    print(f"{count:,} jobs queued in {time.perf_counter() - began:.0f} s")
    memory = (await store.command("INFO", "memory")).decode().split("used_memory:")[1].split()[0]
    print(f"{int(memory) / count:.0f} bytes of the store's memory a waiting job of 10 assets")
    bench = Bench(store, index)
    await bench.all()
    await store.close()
    return bench.worst


def main() -> None:
    """Read the arguments and measure; ends with 1 where a command takes too long in every round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fs-") as folder:
        server = EmbeddedStore(Path(folder))
        server.start()
        try:
            worst = uvloop.run(measure(server.url, asked.jobs))
        finally:
            server.stop()
    if worst > MOST_MS:
        raise SystemExit(f"a command takes {worst:.1f} ms, more than {MOST_MS:g}")


if __name__ == "__main__":
    main()
