"""Hashes are made anew when their cost changed, and never in the place of a password that was changed meanwhile."""

import pytest
from argon2 import PasswordHasher

from services.auth.passwords import Passwords
from services.auth.verifying import counted_as, upgraded, verified
from services.config import Settings
from services.errors import UnauthenticatedError, UnavailableError
from services.models import Role, User
from services.store import keys, users
from services.store.audit import Action
from services.store.connection import Store
from services.web.audit import Note
from services.web.service import Context
from tests.unit.auth.conftest import CHEAP

pytestmark = pytest.mark.anyio
OLD = PasswordHasher(2, 128, 1)


async def known_user(store: Store) -> User:
    """A user whose password `known`, with a hash of another cost, was verified a moment ago."""
    await users.create(store, "ann", Role.EMPLOYEE, OLD.hash("known"))
    return await users.get(store, "ann")


async def test_a_hash_of_another_cost_is_made_anew(store: Store, passwords: Passwords) -> None:
    user, context = await known_user(store), Context(store, Settings(auth=CHEAP))
    new = await upgraded(context, passwords, user, "known")
    assert new == (await users.get(store, "ann")).password_hash != user.password_hash
    assert await passwords.verify(new, "known")
    assert await upgraded(context, passwords, await users.get(store, "ann"), "known") == new


async def test_an_upgrade_does_not_undo_a_password_that_was_changed_meanwhile(
    store: Store, passwords: Passwords
) -> None:
    user, changed = await known_user(store), OLD.hash("changed")
    await users.change(store, "ann", {"password_hash": changed}, users.ALL_TOKENS)
    with pytest.raises(UnauthenticatedError):
        await upgraded(Context(store, Settings(auth=CHEAP)), passwords, user, "known")
    assert (await users.get(store, "ann")).password_hash == changed


async def test_whoever_is_deleted_meanwhile_is_answered_as_if_there_had_been_no_such_user(
    store: Store, passwords: Passwords
) -> None:
    user = await known_user(store)
    await users.delete(store, "ann")
    with pytest.raises(UnauthenticatedError):
        await upgraded(Context(store, Settings(auth=CHEAP)), passwords, user, "known")
    assert await users.find(store, "ann") is None


@pytest.mark.parametrize("password", ["known", "wrong"])
async def test_a_store_that_cannot_count_verifies_nothing(store: Store, passwords: Passwords, password: str) -> None:
    note = Note(Action.LOGIN, "")
    await known_user(store)
    await store.command("CONFIG", "SET", "maxmemory", 1)
    try:
        with pytest.raises(UnavailableError):
            await verified(Context(store, Settings(auth=CHEAP)), passwords, "ann", password, "10.0.0.1", note)
    finally:
        await store.command("CONFIG", "SET", "maxmemory", 0)
    assert note.subject == "", "the user was not even looked up"


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2::99", "2001:db8:1:2::/64"),
        ("2001:0DB8:1:2:ffff:0:0:1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::99", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("unknown", "unknown"),
        ("203.0.113.7:443", "203.0.113.7:443"),
        ("", ""),
    ],
)
async def test_wrong_passwords_are_counted_by_what_an_attacker_has_one_of(client: str, counted: str) -> None:
    assert counted_as(client) == counted


async def test_all_addresses_of_a_network_of_ipv6_share_one_count(store: Store, passwords: Passwords) -> None:
    context = Context(store, Settings(auth=CHEAP))
    await known_user(store)
    for client in ("2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:3:4:5:6"):
        with pytest.raises(UnauthenticatedError):
            await verified(context, passwords, "ann", "wrong", client, Note(Action.LOGIN, ""))
    for who in ("user:ann@2001:db8:1:2::/64", "client:2001:db8:1:2::/64"):
        assert await store.command("HGET", keys.login_failures(who), "count") == b"3"


async def test_of_two_upgrades_at_once_both_let_in(store: Store, passwords: Passwords) -> None:
    user, context = await known_user(store), Context(store, Settings(auth=CHEAP))
    first = await upgraded(context, passwords, user, "known")
    assert await upgraded(context, passwords, user, "known") == first
