"""Patience with a store that is away, for as long as a lease lasts.

What ran out meanwhile is handed out again, and the completions of it are refused: waiting so long is harmless.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.errors import UnavailableError

Answer = TypeVar("Answer")


def always() -> bool:
    """There is no reason to give up early."""
    return True


async def patiently(
    ask: Callable[[], Awaitable[Answer]], lease_seconds: float, worthwhile: Callable[[], bool] = always
) -> Answer:
    """Ask the store, and again while it is away; raises UnavailableError after the time of a lease.

    It is raised at once where asking is not `worthwhile` any more.
    """
    deadline = time.monotonic() + lease_seconds
    while True:
        try:
            return await ask()
        except UnavailableError as error:
            if not worthwhile():
                raise
            if time.monotonic() > deadline:
                raise UnavailableError(f"the store was away for {lease_seconds:.1f} s: {error.detail}") from error
        await asyncio.sleep(min(0.2, lease_seconds / 20))
