"""Patience with a store that is away for a moment: shorter than a lease, so that nothing held runs out meanwhile."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from services.errors import UnavailableError

Answer = TypeVar("Answer")
SHARE = 2 / 3
"""Of a lease, for which a silent store is asked again."""


def always() -> bool:
    """There is no reason to give up early."""
    return True


async def patiently(
    ask: Callable[[], Awaitable[Answer]], lease_seconds: float, worthwhile: Callable[[], bool] = always
) -> Answer:
    """Ask the store, and again while it is away and asking is `worthwhile`; raises UnavailableError in the end."""
    seconds = lease_seconds * SHARE
    deadline = time.monotonic() + seconds
    while True:
        try:
            return await ask()
        except UnavailableError as error:
            if time.monotonic() > deadline or not worthwhile():
                raise UnavailableError(f"the store was away for {seconds:.1f} s") from error
        await asyncio.sleep(min(0.2, lease_seconds / 20))
