"""A token speaks for its user as the user is now, lives as long as it is used, and is stored as a digest only."""

import pytest

from services.errors import NotFoundError
from services.models import Role, Subject
from services.store import keys, tokens, users
from services.store.connection import Store
from tests.store.conftest import Clock
from tests.waiting import wait_until_async

pytestmark = pytest.mark.anyio
LIFE = 1000


@pytest.fixture(autouse=True)
async def people(store: Store) -> None:
    await users.create(store, "root", Role.ADMIN, "hash")
    await users.create(store, "ann", Role.EMPLOYEE, "hash")


async def issue(store: Store, seconds: int = LIFE) -> str:
    token = await tokens.issue(store, "ann", "hash", seconds)
    assert token is not None
    return token


async def subject(store: Store, token: str) -> Subject | None:
    return await tokens.authenticate(store, token, LIFE)


async def life(store: Store, token: str) -> int:
    return int(await store.command("TTL", keys.token(tokens.digest(token))))


async def test_whom_it_speaks_for(store: Store) -> None:
    token = await issue(store)
    found = await subject(store, token)
    assert found == Subject("ann", Role.EMPLOYEE, tokens.digest(token)[:12])
    await users.change(store, "ann", {"role": Role.MANAGER})
    assert await subject(store, token) == Subject("ann", Role.MANAGER, tokens.digest(token)[:12])
    assert await subject(store, token + "x") is None


async def test_the_token_itself_is_stored_nowhere(store: Store) -> None:
    token = await issue(store)
    names = await store.command("KEYS", "*")
    dumps = await store.commands([("DUMP", name) for name in names])
    assert not any(token.encode() in part for part in (*names, *dumps))


async def test_it_expires(store: Store) -> None:
    token = await issue(store, 1)

    async def gone() -> bool:
        return await tokens.authenticate(store, token, 10**6) is None and not await tokens.of_user(store, "ann")

    await wait_until_async(gone, "the token expires, for it was used in the first hundredth of its life only")


async def test_use_prolongs_it(store: Store, clock: Clock) -> None:
    token = await issue(store, 100)
    await subject(store, token)
    assert await life(store, token) <= 100
    clock.wait(LIFE / 100 + 1)
    await subject(store, token)
    assert await life(store, token) > 100
    assert [t.last_used - t.issued for t in await tokens.of_user(store, "ann")] == [LIFE / 100 + 1]


async def test_however_much_it_is_used_it_ends_thirty_days_after_the_login(store: Store, clock: Clock) -> None:
    token = await issue(store)
    for left in (2 * LIFE, 100):
        clock.now = (await tokens.of_user(store, "ann"))[0].issued + tokens.LONGEST_SECONDS - left
        assert await subject(store, token) is not None
        assert await life(store, token) <= min(left, LIFE)
    clock.wait(100)
    assert await subject(store, token) is None
    assert await tokens.of_user(store, "ann") == []


async def test_a_short_token_does_not_hide_a_long_one(store: Store) -> None:
    long, short = await issue(store, LIFE), await issue(store, 1)

    async def expired() -> bool:
        return await subject(store, short) is None

    await wait_until_async(expired, "the short token expires")
    await users.change(store, "ann", {"password_hash": "new"}, users.ALL_TOKENS)
    assert await subject(store, long) is None


async def test_none_for_a_password_that_is_not_valid_any_more(store: Store) -> None:
    assert await tokens.issue(store, "ann", "old hash", LIFE) is None
    assert await tokens.issue(store, "nobody", "hash", LIFE) is None
    await users.change(store, "ann", {"disabled": 1})
    assert await tokens.issue(store, "ann", "hash", LIFE) is None


async def test_a_disabled_or_deleted_users_tokens_are_void_from_the_next_request_on(store: Store) -> None:
    token = await issue(store)
    await users.change(store, "ann", {"disabled": 1})
    assert await subject(store, token) is None
    await users.change(store, "ann", {"disabled": 0})
    assert await subject(store, token) is not None
    await users.delete(store, "ann")
    await users.create(store, "ann", Role.ADMIN, "hash")
    assert await subject(store, token) is None


async def test_a_changed_password_ends_all_tokens_but_the_one_that_changed_it(store: Store) -> None:
    here, elsewhere = await issue(store), await issue(store)
    await users.change(store, "ann", {"password_hash": "new"}, tokens.digest(here))
    assert await subject(store, here) is not None
    assert await subject(store, elsewhere) is None


async def test_tokens_are_listed_and_ended(store: Store) -> None:
    first, second = await issue(store), await issue(store)
    listed = await tokens.of_user(store, "ann")
    assert {token.id for token in listed} == {tokens.digest(token)[:12] for token in (first, second)}
    await tokens.end(store, first)
    await tokens.end_by_id(store, "ann", tokens.digest(second)[:12])
    assert await tokens.of_user(store, "ann") == []
    assert (await subject(store, first), await subject(store, second)) == (None, None)
    await tokens.end(store, first)


@pytest.mark.parametrize("wrong", ["", "0", "0" * 12])
async def test_no_token_of_that_id(store: Store, wrong: str) -> None:
    token = await issue(store)
    with pytest.raises(NotFoundError):
        await tokens.end_by_id(store, "ann", wrong)
    with pytest.raises(NotFoundError):
        await tokens.end_by_id(store, "root", tokens.digest(token)[:12])
    assert await subject(store, token) is not None


async def test_one_token_too_many_ends_the_one_that_was_not_used_for_longest(store: Store, clock: Clock) -> None:
    found = []
    for _ in range(tokens.MOST):
        found.append(await issue(store))
        clock.wait(1)
    clock.wait(100)
    assert await subject(store, found[0]) is not None
    newest = await issue(store)
    assert [token for token in found if await subject(store, token) is None] == [found[1]]
    assert await subject(store, newest) is not None
    assert len(await tokens.of_user(store, "ann")) == tokens.MOST
