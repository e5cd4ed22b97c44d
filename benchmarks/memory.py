"""What a job costs the store in memory, waiting and finished, and that nothing is left of it after retention."""

from collections.abc import Iterator

import uvloop

from benchmarks import measure
from benchmarks.drain import ASSETS, PAYLOAD, filled
from benchmarks.measure import Row
from services.config import RetentionSettings
from services.store import claims, retention
from services.store.connection import Store

AT_ONCE = RetentionSettings(finished_days=1e-9, dead_letter_days=1e-9, run_days=1e-9)


async def used(store: Store) -> int:
    """Bytes that the store has allocated for its data, as it counts them."""
    await store.command("MEMORY", "PURGE")
    lines = await store.command("MEMORY", "STATS")
    stats = dict(zip(lines[::2], lines[1::2], strict=True))
    return int(stats[b"total.allocated"]) - int(stats[b"clients.normal"]) - int(stats[b"aof.buffer"])


async def finish(store: Store, index: int) -> None:
    """Complete everything in a queue."""
    while (claim := await claims.claim(store, index, 500, 600)).jobs:
        await claims.complete(store, claim, [claims.Outcome(job.id, ASSETS, PAYLOAD) for job in claim.jobs])


async def sizes(url: str, count: int, cycles: int) -> tuple[float, float, float]:
    """Bytes a waiting and a finished job, and what the store has after all cycles beside that after half of them.

    The first ones fill what the server keeps for itself, some 400 KB, whatever comes after.
    """
    store = measure.connected(url)
    index = await filled(store, 10)
    await finish(store, index)
    await sweep(store)
    after: list[int] = []
    waiting = finished = 0.0
    for _ in range(cycles):
        before = await used(store)
        full = await filled(store, count)
        waiting = (await used(store) - before) / count
        await finish(store, full)
        finished = (await used(store) - before) / count
        await sweep(store)
        after.append(await used(store))
    await store.close()
    return waiting, finished, after[-1] / after[cycles // 2 - 1]


async def sweep(store: Store) -> None:
    """Delete all that is over."""
    while await retention.sweep(store, AT_ONCE):
        pass


def rows(quick: bool) -> Iterator[Row]:
    """Bytes, and the growth."""
    count, cycles = (500, 2) if quick else (20_000, 6)
    with measure.server() as server:
        waiting, finished, growth = uvloop.run(sizes(server.url, count, cycles))
    yield Row(f"store memory of a waiting job of {ASSETS} assets", None, figures=f"{waiting:,.0f} bytes")
    packed = f"{finished:,.0f} bytes, of which the packed result has {len(PAYLOAD):,}"
    yield Row(f"store memory of a finished job of {ASSETS} assets", None, figures=packed)
    name = f"store memory after {cycles * count:,} jobs came, ended and were swept: after {cycles // 2 * count:,}"
    yield Row(name, growth, most=1.05, figures="jobs, results, their indices, and their queues' records")


if __name__ == "__main__":
    measure.main(rows, __doc__)
