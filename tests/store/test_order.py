"""Strict FIFO of claims by priority; a job that comes back returns to its own place."""

import pytest

from services.store import claims, queues
from services.store.connection import Store
from tests.store.conftest import Clock
from tests.store.samples import complete, push, take, waiting

pytestmark = pytest.mark.anyio


async def test_first_come_first_served(store: Store, queue: int) -> None:
    ids = [*await push(store, queue, 2), *await push(store, queue, 2)]
    assert (await take(store, queue, 3))[1] == ids[:3]
    assert (await take(store, queue, 3))[1] == ids[3:]
    assert (await take(store, queue, 3))[1] == []


async def test_higher_priorities_first_and_first_come_first_served_within_them(store: Store, queue: int) -> None:
    low, high = await push(store, queue, 2), await push(store, queue, 2, priority=9)
    middle = await push(store, queue, 1, priority=5)
    assert (await take(store, queue))[1] == [*high, *middle, *low]


async def test_a_redelivered_job_is_before_those_that_came_after_it(store: Store, queue: int, clock: Clock) -> None:
    first, second, third = await push(store, queue, 3)
    await take(store, queue, 1)
    held, _ = await take(store, queue, 1, lease=100)
    clock.wait(30)
    assert (await take(store, queue))[1] == [first, third]
    await claims.release(store, held, "stopped")
    await push(store, queue)
    assert (await waiting(store, queue))[0] == second


async def test_two_claimers_never_hold_the_same_job(store: Store, queue: int) -> None:
    ids = await push(store, queue, 4)
    one, of_one = await take(store, queue, 2)
    two, of_two = await take(store, queue, 2)
    assert of_one + of_two == ids
    assert two.lease > one.lease
    assert await complete(store, two) == await complete(store, one) == frozenset()


async def test_more_jobs_than_a_script_returns_at_once_come_back_in_order(
    store: Store, queue: int, clock: Clock
) -> None:
    ids = await push(store, queue, 1_700)
    while (await take(store, queue, 500))[1]:
        clock.wait(1)  # the last ones to be claimed are the last to be returned
    clock.wait(30)
    assert (await take(store, queue, 2_000))[1] == ids
    assert (await queues.get(store, queue)).redelivered == len(ids)


async def test_a_person_gets_the_first_of_very_many_redelivered_jobs(store: Store, queue: int, clock: Clock) -> None:
    ids = await push(store, queue, 1_200)
    await take(store, queue, 2_000)
    clock.wait(30)
    assert (await queues.pull(store, queue)).id == ids[0]
