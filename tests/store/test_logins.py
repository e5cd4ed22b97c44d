"""Wrong passwords cost a wait that doubles, up to a longest one, and is forgotten after a right one."""

import time

import pytest

from services.errors import UnavailableError
from services.store import keys, logins
from services.store.connection import Store
from tests.store.conftest import Clock

pytestmark = pytest.mark.anyio
WHO = ["user:ann", "client:10.0.0.1"]


async def test_free_failures_then_the_wait_doubles_up_to_the_longest(store: Store, clock: Clock) -> None:
    waits = []
    for _ in range(9):
        await logins.fail(store, WHO[:1], free=3, longest=10)
        waits.append(await logins.wait_seconds(store, WHO))
    assert waits == [0, 0, 0, 1, 2, 4, 8, 10, 10]
    clock.wait(9)
    assert await logins.wait_seconds(store, WHO) == 1
    clock.wait(1)
    assert await logins.wait_seconds(store, WHO) == 0


async def test_the_longest_wait_of_user_and_client_counts(store: Store, clock: Clock) -> None:
    for _ in range(3):
        await logins.fail(store, WHO[1:], free=1, longest=300)
    assert clock.now
    assert [await logins.wait_seconds(store, who) for who in ([], WHO[:1], WHO[1:], WHO)] == [0, 0, 2, 2]


async def test_a_right_password_forgets_them(store: Store, clock: Clock) -> None:
    for _ in range(3):
        await logins.fail(store, WHO, free=1, longest=300)
    assert clock.now
    await logins.succeed(store, *WHO)
    assert await logins.wait_seconds(store, WHO) == 0
    assert await store.command("KEYS", f"{keys.LOGIN_FAILURES}*") == []


async def test_a_right_password_forgets_nothing_that_others_did_at_the_same_address(store: Store, clock: Clock) -> None:
    ann, client = WHO
    for _ in range(3):
        await logins.fail(store, ["user:bob", client], free=1, longest=300)
    clock.wait(10)
    await logins.succeed(store, ann, client)
    await logins.fail(store, [ann, client], free=1, longest=300)
    assert await logins.wait_seconds(store, [client]) == 4
    clock.wait(10)
    await logins.succeed(store, ann, client)
    await logins.fail(store, [client], free=1, longest=300)
    assert await logins.wait_seconds(store, [client]) == 4


async def test_the_wait_does_not_depend_on_the_clock_of_the_service(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(12):
        await logins.fail(store, WHO, free=3, longest=300)
    monkeypatch.setattr(time, "time", lambda: time.clock_gettime(time.CLOCK_REALTIME) + 600)
    assert 200 < await logins.wait_seconds(store, WHO) <= 256


@pytest.mark.parametrize("setting", ["maxmemory", "min-replicas-to-write"])
async def test_nobody_is_heard_while_the_store_could_not_count(store: Store, setting: str) -> None:
    await store.command("CONFIG", "SET", setting, 1)
    try:
        with pytest.raises(UnavailableError):
            await logins.wait_seconds(store, WHO)
    finally:
        await store.command("CONFIG", "SET", setting, 0)
    assert await logins.wait_seconds(store, WHO) == 0
    assert await store.command("KEYS", f"{keys.LOGIN_FAILURES}*") == [], "asking leaves nothing"


async def test_failures_are_forgotten_by_themselves(store: Store) -> None:
    await logins.fail(store, WHO, free=3, longest=300)
    lives = await store.commands([("TTL", keys.login_failures(who)) for who in WHO])
    assert all(900 < life <= 1200 for life in lives)
