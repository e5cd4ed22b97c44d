"""The checks after every test see what they are for."""

import pytest

from services.models import JobSpec
from services.store import invariants, jobs, keys, queues
from services.store.connection import Store
from tests.store.lasting_keys import leaks

pytestmark = pytest.mark.anyio
SPEC = JobSpec("market", (0, 1, 2), "ols", 10)


@pytest.mark.unsound("leaks on purpose")
@pytest.mark.parametrize("name", ["stray", "foresail:stray", "foresail:result:7", "foresail:queue:7:dead"])
async def test_a_leaked_key_is_named(store: Store, name: str) -> None:
    await store.command("SET", name, 1)
    assert len(found := await leaks(store)) == 1
    assert name in found[0]


async def test_a_key_with_a_time_to_live_is_no_leak(store: Store) -> None:
    await store.command("SET", "stray", 1, "EX", 100)
    assert await leaks(store) == []


async def test_what_lasts_is_no_leak(store: Store) -> None:
    index = await queues.create(store, "", 3)
    await queues.enqueue(store, index, "bob", [SPEC])
    await jobs.create(store, "bob", SPEC)
    assert await leaks(store) == []


@pytest.mark.unsound("breaks an invariant on purpose")
async def test_a_lost_job_is_named(store: Store) -> None:
    index = await queues.create(store, "", 3)
    (job,) = await queues.enqueue(store, index, "bob", [SPEC])
    await store.command("ZREM", keys.ready(index), job)
    assert any(f"job {job}" in line for line in await invariants.violations(store))
