"""What must hold of the store after every test: no key leaked, no invariant broken."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.config import StoreSettings
from services.store import invariants
from services.store.connection import Store
from tests.store.lasting_keys import leaks


async def flush(url: str) -> None:
    """Empty the store. Syncing to disk is off: what a machine's crash would lose is not a test's business."""
    async with connected(url) as store:
        await store.commands([("CONFIG", "SET", "appendfsync", "no"), ("FLUSHALL",)])


async def faults(url: str) -> list[str]:
    """Everything that is wrong in the store, as sentences."""
    async with connected(url) as store:
        return await leaks(store) + await invariants.violations(store)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Store]:
    store = Store.connect(StoreSettings(url=url, timeout_seconds=30))
    try:
        yield store
    finally:
        await store.close()
