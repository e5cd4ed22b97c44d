"""A run asks for less time than its jobs may be gone for, so that the look for what ran out comes in time."""

import pytest

from services.drain.leases import Leases
from services.models import JobSpec
from services.queueing import service
from services.store import keys, queues, runs
from services.store.connection import Store
from tests.waiting import wait_until_async

pytestmark = pytest.mark.anyio
SECONDS = 1.0
A_LOOK = service._TIDY_SHARE * SECONDS
"""Every so often the queueing service looks for leases that ran out."""


async def test_a_claim_and_its_renewal_end_early_enough_for_the_look(store: Store) -> None:
    now = 4_000_000_000.0
    store.clock = lambda: now
    index = await queues.create(store, "", 3)
    await queues.enqueue(store, index, "bob", [JobSpec("market", (0,), "ols", 1)] * 2)
    leases = Leases(store, index, await runs.start(store, index, "bob", 2, 30), SECONDS)

    async def ends() -> list[float]:
        found = await store.command("ZRANGE", keys.leased(index), 0, -1, "WITHSCORES")
        return [float(end) for end in found[1::2]]

    async def renewed() -> bool:
        await leases.renew()
        return min(await ends()) > now

    await leases.claim(2)
    assert [now < end <= now + SECONDS - A_LOOK for end in await ends()] == [True] * 2
    now += 1000
    await wait_until_async(renewed, "a third of the lease is over, and it is made longer")
    assert [now < end <= now + SECONDS - A_LOOK for end in await ends()] == [True] * 2
