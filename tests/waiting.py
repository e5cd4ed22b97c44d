"""Waiting for facts instead of for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable

PAUSE = 0.02


def wait_until(predicate: Callable[[], object], description: str, timeout: float = 30) -> None:
    """Return as soon as the predicate is true; AssertionError with the description after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not predicate():
        assert time.monotonic() < deadline, f"still not after {timeout} s: {description}"
        time.sleep(PAUSE)


async def wait_until_async(
    predicate: Callable[[], Awaitable[object]],
    description: str,
    timeout: float = 30,  # noqa: ASYNC109 (the same words as above)
) -> None:
    """The same for an asynchronous predicate."""
    deadline = time.monotonic() + timeout
    while not await predicate():
        assert time.monotonic() < deadline, f"still not after {timeout} s: {description}"
        await asyncio.sleep(PAUSE)
