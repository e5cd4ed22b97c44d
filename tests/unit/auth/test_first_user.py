"""Local mode starts with admin/admin, and says so at every start until it is changed; no other mode serves it."""

import pytest

from services.auth import first_user
from services.auth.passwords import Passwords
from services.auth.verifying import verified
from services.config import Settings, WebSettings
from services.errors import InvalidError, UnauthenticatedError
from services.store import audit, tokens, users
from services.store.audit import Action
from services.store.connection import Store
from services.web.audit import Note
from services.web.service import Context
from tests.unit.auth.conftest import CHEAP

pytestmark = pytest.mark.anyio
GOOD = "the first password of all"


def local(store: Store) -> Context:
    return Context(store, Settings(web=WebSettings(mode="local"), auth=CHEAP))


def production(store: Store, first: str) -> Context:
    return Context(store, Settings(auth=CHEAP.model_copy(update={"first_password": first})))


async def test_the_well_known_password_is_told_until_it_is_changed(
    store: Store, passwords: Passwords, caplog: pytest.LogCaptureFixture
) -> None:
    for start in (1, 2):
        await first_user.make(local(store), passwords)
        assert caplog.text.count("admin with the password admin") == start
    await users.change(store, "admin", {"password_hash": await passwords.hash("another one")})
    await first_user.make(local(store), passwords)
    assert caplog.text.count("admin with the password admin") == 2


@pytest.mark.parametrize(
    ("first", "why"),
    [
        ("", "at least 15 characters"),
        ("Short-1", "at least 15 characters"),
        ("passwordpassword", "list of common ones"),
    ],
)
async def test_without_a_good_password_no_first_user_is_made(
    store: Store, passwords: Passwords, first: str, why: str
) -> None:
    said = rf"there is no user yet, .* set FORESAIL_AUTH_FIRST_PASSWORD \(.*{why}"
    with pytest.raises(InvalidError, match=said) as refused:
        await first_user.make(production(store, first), passwords)
    assert not first or first not in refused.value.detail
    assert not await users.exist(store)


@pytest.mark.parametrize("first", ["", "admin", "passwordpassword"])
async def test_a_store_from_local_mode_is_not_served_elsewhere_without_a_good_password(
    store: Store, passwords: Passwords, first: str
) -> None:
    await first_user.make(local(store), passwords)
    with pytest.raises(InvalidError, match=r"the well-known password of local mode.* set FORESAIL_AUTH_FIRST_PASSWORD"):
        await first_user.make(production(store, first), passwords)
    with pytest.raises(UnauthenticatedError):  # as where the store came back after the start
        await verified(production(store, first), passwords, "admin", "admin", "10.0.0.1", Note(Action.LOGIN, ""))


async def test_a_store_from_local_mode_gets_the_password_that_is_set_elsewhere(
    store: Store, passwords: Passwords
) -> None:
    await first_user.make(local(store), passwords)
    await tokens.issue(store, "admin", (await users.get(store, "admin")).password_hash, 3600)
    for _ in range(2):
        await first_user.make(production(store, GOOD), passwords)
    assert await passwords.verify((await users.get(store, "admin")).password_hash, GOOD)
    assert await tokens.of_user(store, "admin") == []
    trail, _ = await audit.page(store, "", 10, lambda _: True)
    assert [(entry.action, entry.target) for entry in trail] == [
        (Action.USER_CHANGE, "admin"),
        (Action.USER_CREATE, "admin"),
    ]


async def test_the_password_that_is_set_replaces_no_other(store: Store, passwords: Passwords) -> None:
    await first_user.make(production(store, GOOD), passwords)
    before = await users.get(store, "admin")
    await first_user.make(production(store, "quite another password"), passwords)
    assert await users.get(store, "admin") == before
