"""What the exporter last did, for every service to see."""

from services.store import keys
from services.store.connection import Store


async def note(store: Store, finished: float, seconds: float) -> None:
    """An export was finished at that time and took so long."""
    await store.command("HSET", keys.EXPORT, "finished", repr(finished), "seconds", repr(seconds))


async def last(store: Store) -> float | None:
    """When the last export was finished; none where there was none."""
    finished = await store.command("HGET", keys.EXPORT, "finished")
    return None if finished is None else float(finished)
