"""Waiting for MPI without burning a core: a blocking collective spins, a test between growing pauses does not."""

import asyncio
import time
from collections.abc import Iterator
from typing import Protocol

SHORTEST = 20e-6
LONGEST = 4e-3
GROWTH = 1.25
"""A wait overshoots by at most this share of its length, until the longest pause."""


class SilentError(Exception):
    """The other ranks have not done their part for far longer than it should take."""


class Testable(Protocol):
    """A request of MPI's non-blocking operations."""

    def Test(self) -> bool:  # noqa: N802 - MPI's name
        """Whether the operation is through; also moves it on."""
        ...


def pauses() -> Iterator[float]:
    """Seconds to sleep between tests, growing from SHORTEST to LONGEST."""
    pause = SHORTEST
    while True:
        yield pause
        pause = min(pause * GROWTH, LONGEST)


def wait(*requests: Testable) -> None:
    """Return when all requests are through; for the ranks that have nothing else to do."""
    for request in requests:
        for pause in pauses():
            if request.Test():
                break
            time.sleep(pause)


async def arrival(*requests: Testable, patience: float) -> None:
    """The same for rank 0, whose event loop goes on meanwhile; raises SilentError after about `patience` seconds.

    Its pauses are what is counted: time in which rank 0 itself stood still is nobody else's silence.
    """
    waited = 0.0
    for request in requests:
        for pause in pauses():
            if request.Test():
                break
            if waited > patience:
                raise SilentError(
                    f"a rank did not answer for {patience:.0f} s: it is frozen, or its host is out of reach"
                )
            await asyncio.sleep(pause)
            waited += pause
