"""Draining a queue by the number of jobs that wait in it: the time for a job must not depend on it."""

from collections.abc import Iterator

import uvloop

from benchmarks import measure, million
from benchmarks.drain import filled, program, rate
from benchmarks.measure import Row


def rows(quick: bool) -> Iterator[Row]:
    """Few, and very many of which as many are drained a round."""
    short, long, count = (1000, 3000, 1) if quick else (20_000, 1_050_000, measure.ROUNDS)
    with million.server(long) as server:
        found = uvloop.run(rates(server.url, short, long, count))
    name = f"time for a job with {long:,} queued: with {short:,}"
    yield Row(name, measure.ratio(found, *found), most=1.3, figures=measure.figures(found, "jobs/s"))


async def rates(url: str, short: int, long: int, count: int) -> dict[str, list[float]]:
    """Jobs a second, by turns."""
    store = measure.connected(url)
    few, many = [], []
    for _ in range(count):
        few.append(rate(await program(store, url, await filled(store, short), short + 1)))
        many.append(rate(await program(store, url, million.QUEUE, short)))
    await store.close()
    return {f"{short:,} queued": few, f"{long:,} queued": many}


if __name__ == "__main__":
    measure.main(rows, __doc__)
