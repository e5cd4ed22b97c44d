"""What the queueing service does in the background; nothing that takes long keeps a lease's jobs back."""

import asyncio

import pytest

from services.config import QueueSettings, Settings
from services.models import JobStatus
from services.queueing import service
from services.store import jobs, queues
from services.store.connection import Store
from services.web.service import Context
from tests.store.samples import push, spec, take

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


async def test_a_job_at_once_whose_service_was_killed_has_failed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE_SECONDS", 0)
    lost = await jobs.create(store, "bob", spec())
    async with asyncio.timeout(30), service.tidying(Context(store, Settings())):
        while (await jobs.get(store, lost)).status is not JobStatus.FAILED:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)
