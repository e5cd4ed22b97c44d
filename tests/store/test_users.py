"""Users are unique, and one enabled admin always remains."""

import numpy as np
import pytest

from services.errors import ConflictError, NotFoundError
from services.models import Dataset, Role
from services.store import datasets, jobs, users
from services.store.connection import Store
from tests.store.samples import spec

pytestmark = pytest.mark.anyio


async def test_the_first_user_is_an_admin_and_there_is_one_first(store: Store) -> None:
    assert not await users.exist(store)
    assert await users.create_first(store, "root", "hash")
    assert not await users.create_first(store, "other", "hash")
    assert [(user.name, user.role) for user in await users.page(store, "", 10)] == [("root", Role.ADMIN)]


async def test_a_name_is_taken_once(store: Store) -> None:
    await users.create(store, "ann", Role.EMPLOYEE, "hash")
    with pytest.raises(ConflictError, match="there is a user ann"):
        await users.create(store, "ann", Role.ADMIN, "other")
    assert (await users.get(store, "ann")).password_hash == "hash"


async def test_a_new_user_does_not_inherit_the_jobs_of_a_former_one(store: Store) -> None:
    await users.create(store, "ann", Role.EMPLOYEE, "hash")
    job = await jobs.create(store, "ann", spec())
    await users.delete(store, "ann")
    with pytest.raises(ConflictError, match="jobs of a former user ann exist"):
        await users.create(store, "ann", Role.EMPLOYEE, "hash")
    await jobs.delete(store, [job])
    await users.create(store, "ann", Role.EMPLOYEE, "hash")


async def test_a_new_user_does_not_inherit_the_datasets_of_a_former_one(store: Store) -> None:
    await users.create(store, "ann", Role.EMPLOYEE, "hash")
    dataset = Dataset("prices", "ann", 0, 4, ("a",), 0.0)
    await datasets.put(store, dataset, np.zeros((1, 4)), replace_others=False)
    await users.create(store, "bob", Role.EMPLOYEE, "hash")
    await users.delete(store, "ann")
    with pytest.raises(ConflictError, match="dataset prices of a former user ann exists"):
        await users.create(store, "ann", Role.EMPLOYEE, "hash")
    await datasets.delete(store, "prices", "")
    await users.create(store, "ann", Role.EMPLOYEE, "hash")


@pytest.mark.parametrize("change", [{"role": Role.MANAGER}, {"disabled": 1}, None])
async def test_the_last_admin_stays(store: Store, change: dict[str, str | int] | None) -> None:
    await users.create(store, "root", Role.ADMIN, "hash")
    await users.create(store, "off", Role.ADMIN, "hash")
    await users.change(store, "off", {"disabled": 1})

    async def lose() -> None:
        await (users.change(store, "root", change) if change else users.delete(store, "root"))

    with pytest.raises(ConflictError, match="root is the last admin"):
        await lose()
    await users.change(store, "off", {"disabled": 0})
    await lose()


async def test_changes(store: Store) -> None:
    await users.create(store, "ann", Role.EMPLOYEE, "hash")
    await users.change(store, "ann", {"role": Role.MANAGER, "password_hash": "new", "disabled": 1})
    found = await users.get(store, "ann")
    assert (found.role, found.password_hash, found.disabled) == (Role.MANAGER, "new", True)
    await users.change(store, "ann", {})
    assert await users.get(store, "ann") == found


async def test_what_a_verified_password_allowed_is_not_done_after_it_was_changed(store: Store) -> None:
    await users.create(store, "ann", Role.EMPLOYEE, "verified")
    await users.change(store, "ann", {"password_hash": "upgraded"}, verified_hash="verified")
    with pytest.raises(ConflictError, match="the password of ann was changed meanwhile"):
        await users.change(store, "ann", {"password_hash": "late"}, users.ALL_TOKENS, "verified")
    assert (await users.get(store, "ann")).password_hash == "upgraded"


async def test_pages_by_name(store: Store) -> None:
    for name in ("carl", "ann", "bob"):
        await users.create(store, name, Role.EMPLOYEE, "hash")
    assert [user.name for user in await users.page(store, "", 2)] == ["ann", "bob"]
    assert [user.name for user in await users.page(store, "bob", 2)] == ["carl"]


async def test_no_user(store: Store) -> None:
    assert await users.find(store, "ann") is None
    for asked in (users.get(store, "ann"), users.change(store, "ann", {"disabled": 1}), users.delete(store, "ann")):
        with pytest.raises(NotFoundError, match="there is no user ann"):
            await asked
