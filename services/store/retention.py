"""Retention: what is over is deleted after its time, in pieces, so that a store in use does not grow for ever."""

from contextlib import suppress

from services.config import RetentionSettings
from services.errors import NotFoundError
from services.store import changes, keys
from services.store.connection import Store

PIECE = 250
"""Records deleted by one script: a few milliseconds, so that others are served in between."""
MOST_PIECES = 20
"""Of each kind in one sweep, so that what else is to be tidied need not wait."""
_DAY = 24 * 3600


async def sweep(store: Store, settings: RetentionSettings) -> int:
    """Delete jobs with results, dead letters and runs whose time is over; returns how many.

    Any number of processes may sweep at the same time. What is left over goes at the next sweep.
    """
    await changes.trim(store)
    deleted = await _sweep(store, settings.finished_days, "sweep_jobs")
    deleted += await _sweep(store, settings.run_days, "sweep_runs")
    for index in await store.command("ZRANGE", keys.QUEUES, 0, -1):
        with suppress(NotFoundError):  # deleted meanwhile
            deleted += await _sweep(store, settings.dead_letter_days, "sweep_dead", int(index))
    return deleted


async def _sweep(store: Store, days: float, script: str, *of: int) -> int:
    """Call a script until it finds less than a piece, but not too often; no days are for ever."""
    deleted = 0
    for _ in range(MOST_PIECES if days else 0):
        count = int(await store.call(script, *of, days * _DAY, PIECE))
        deleted += count
        if count < PIECE:
            break
    return deleted
