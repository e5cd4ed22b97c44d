"""What the queueing service does in the background: nothing that takes long keeps a lease's jobs back."""

import asyncio

import pytest

from services.config import QueueSettings, Settings
from services.queueing import service
from services.store import queues
from services.store.connection import Store
from services.web.service import Context
from tests.store.samples import push, take

pytestmark = pytest.mark.anyio


async def test_leases_come_back_while_a_deletion_takes_its_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def for_ever(_: Store) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(queues, "tidy", for_ever)
    index = await queues.create(store, "", 3)
    await push(store, index, 2)
    await take(store, index, lease=0.05)
    async with asyncio.timeout(30), service.tidying(Context(store, Settings(queue=QueueSettings(lease_seconds=1)))):
        while (await queues.get(store, index)).ready < 2:  # noqa: ASYNC110 - it is the service that is waited for
            await asyncio.sleep(0.02)
