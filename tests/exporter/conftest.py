"""A store with content, for tests that are about processes."""

import asyncio

import pytest

from services.store.embedded import EmbeddedStore
from tests.exporter import content
from tests.store.soundness import connected


@pytest.fixture
def filled(store_server: EmbeddedStore) -> int:
    """The index of the queue of a filled store."""

    async def fill() -> int:
        async with connected(store_server.url) as store:
            return await content.fill(store)

    return asyncio.run(fill())
