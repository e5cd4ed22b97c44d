"""Runs seeded schedules (schedule.py).

`python -m tests.store.schedules SEED` replays one and shows its steps; `--count` runs so many from SEED on, by
`--processes` at once, each with a store of its own.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import repeat
from unittest import mock

from services.store import claims, pushes, queues, retention
from services.store.embedded import EmbeddedStore
from tests.store.process import embedded, short_folder
from tests.store.schedule import PIECE, STEPS, Divergence, Schedule


def run(seeds: Iterable[int], steps: int = STEPS) -> list[Schedule]:
    """Run schedules on a store of their own; raises Divergence at the first that fails."""
    with store() as server:
        return run_at(server, seeds, steps)


def run_at(server: EmbeddedStore, seeds: Iterable[int], steps: int = STEPS) -> list[Schedule]:
    """The same on a store that is there, and is emptied."""
    with small_pieces():
        return asyncio.run(_run(server, seeds, steps))


def run_many(first: int, count: int, processes: int) -> None:
    """Run schedules by several processes; raises Divergence for one that fails."""
    shares = [range(first + share, first + count, processes) for share in range(processes)]
    with ProcessPoolExecutor(processes) as pool:
        for failure in pool.map(_failure, shares, repeat(STEPS)):
            if failure:
                raise Divergence(failure)


def _failure(seeds: range, steps: int) -> str:
    try:
        run(seeds, steps)
    except Divergence as error:
        return str(error)
    return ""


async def _run(server: EmbeddedStore, seeds: Iterable[int], steps: int) -> list[Schedule]:
    done = []
    for seed in seeds:
        done.append(Schedule(server, seed))
        await done[-1].run(steps)
    return done


@contextmanager
def store() -> Iterator[EmbeddedStore]:
    """A store of their own: it will be killed."""
    with short_folder() as folder, embedded(folder) as server:
        yield server


@contextmanager
def small_pieces() -> Iterator[None]:
    """So that what is done in pieces needs several of them."""
    with (
        mock.patch.object(queues, "_PIECE", PIECE),
        mock.patch.object(pushes, "PIECE", PIECE),
        mock.patch.object(claims, "PIECE", PIECE),
        mock.patch.object(retention, "PIECE", PIECE),
        mock.patch.object(retention, "MOST_PIECES", 1000),
    ):
        yield


def main() -> None:
    """Read the arguments and run; ends with 1 and the steps where a schedule fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args()
    try:
        if asked.count == 1:
            (done,) = run([asked.seed])
            sys.stdout.writelines(f"{line}\n" for line in done.log)
        else:
            run_many(asked.seed, asked.count, asked.processes)
    except Divergence as error:
        sys.exit(str(error))
    sys.stderr.write(f"{asked.count} schedules of {STEPS} steps: store and reference agree\n")


if __name__ == "__main__":
    main()
