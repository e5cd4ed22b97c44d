"""Waiting for a fact: ask again and again, ever more slowly, until it holds or the time is up."""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from cli.errors import CliError
from cli.exits import Exit

Fact = TypeVar("Fact")
FIRST, LONGEST = 0.1, 2.0
# A server that is restarted, or a store that comes back, is away for less than this many seconds.
PATIENCE = 60.0


def poll(ask: Callable[[], Fact], timeout: float | None = None, what: str = "it") -> Iterator[Fact]:
    """What `ask` returns, each time; the caller stops when it is satisfied.

    A server that does not answer for a while is asked again. Raises CliError after `timeout` seconds; it names `what`.
    """
    began = heard = time.monotonic()
    pause = FIRST
    while True:
        try:
            yield ask()
            heard = time.monotonic()
        except CliError as error:
            if error.code is not Exit.UNREACHABLE or time.monotonic() - heard > PATIENCE:
                raise
        left = None if timeout is None else began + timeout - time.monotonic()
        if left is not None and left <= 0:
            raise CliError(f"{what} was not finished within {timeout:g} s", Exit.TIMED_OUT)
        time.sleep(pause if left is None else min(pause, left))
        pause = min(pause * 1.3, LONGEST)
