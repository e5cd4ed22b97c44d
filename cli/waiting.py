"""Waiting for a fact: ask again and again, ever more slowly, until it holds or the time is up."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from cli.errors import CliError
from cli.exits import Exit

Fact = TypeVar("Fact")
FIRST, LONGEST = 0.1, 2.0
# A server that is restarted, or a store that comes back, is away for less than this many seconds.
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Limit:
    """How many seconds something may take in all, counted from now; without end where it is None."""

    seconds: float | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def end(self) -> float | None:
        """When the time is up, by the monotonic clock."""
        return None if self.seconds is None else self.began + self.seconds

    def left(self) -> float:
        """Seconds that are left, none or fewer when the time is up."""
        return float("inf") if self.end is None else self.end - time.monotonic()


ENDLESS = Limit()


def poll(ask: Callable[[], Fact], limit: Limit = ENDLESS, what: str = "it") -> Iterator[Fact]:
    """What `ask` returns, each time; the caller stops when it is satisfied.

    A server that does not answer for a while is asked again. Raises CliError when the time is up; it names `what`.
    """
    heard = time.monotonic()
    pause = FIRST
    while True:
        try:
            yield ask()
            heard = time.monotonic()
        except CliError as error:
            away = error.code is Exit.UNREACHABLE
            if not away or (limit.left() > 0 and time.monotonic() - heard > PATIENCE):
                raise
        if limit.left() <= 0:
            raise CliError(f"{what} was not finished within {limit.seconds:g} s", Exit.TIMED_OUT)
        time.sleep(min(pause, limit.left()))
        pause = min(pause * 1.3, LONGEST)
