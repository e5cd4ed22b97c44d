"""Jobs are claimed in the order in which they were pushed; a higher priority goes first."""

import pytest

from services.models import JobSpec
from services.store import claims, queues
from services.store.connection import Store

pytestmark = pytest.mark.anyio


def spec(priority: int = 0) -> JobSpec:
    return JobSpec("market", (0,), "ols", 10, priority)


async def test_first_come_first_served(store: Store) -> None:
    queue = await queues.create(store, "daily", max_attempts=3)
    first, second, third = await queues.enqueue(store, queue, "emil", [spec(), spec(), spec()])
    held = await claims.claim(store, queue, most=2, lease_seconds=30)
    assert [job.id for job in held.jobs] == [first, second]
    held = await claims.claim(store, queue, most=2, lease_seconds=30)
    assert [job.id for job in held.jobs] == [third]


async def test_a_higher_priority_goes_first(store: Store) -> None:
    queue = await queues.create(store, "daily", max_attempts=3)
    low, high, also_high = await queues.enqueue(store, queue, "emil", [spec(0), spec(9), spec(9)])
    held = await claims.claim(store, queue, most=3, lease_seconds=30)
    assert [job.id for job in held.jobs] == [high, also_high, low]
