"""A store that is being restored, or whose restore was cut off, holds a part of everything: nobody works in it."""

from collections.abc import AsyncIterator

import pytest

from services.errors import UnavailableError
from services.store import audit, keys, scripts, setup
from services.store.audit import Action, Entry, Outcome
from services.store.connection import Store

pytestmark = pytest.mark.anyio
SCRIPTS = sorted(file.name.removesuffix(".lua") for file in scripts.FOLDER.iterdir() if file.name != "prelude.lua")


@pytest.fixture
async def closed(store: Store) -> AsyncIterator[Store]:
    await store.command("SET", keys.RESTORING, "word")
    yield store
    await store.command("DEL", keys.RESTORING)


@pytest.mark.parametrize("name", SCRIPTS)
async def test_every_script_refuses(closed: Store, name: str) -> None:
    with pytest.raises(UnavailableError, match="being restored; if that was cut off, run the restore again"):
        await closed.call(name)


async def test_nothing_is_put_on_record(closed: Store) -> None:
    with pytest.raises(UnavailableError, match="being restored"):
        await audit.keep(closed, Entry("ann", Action.LOGIN, "", Outcome.DONE, "", ""), 100)
    assert await closed.command("EXISTS", keys.AUDIT) == 0


async def test_it_is_not_ready(closed: Store) -> None:
    with pytest.raises(UnavailableError, match="being restored"):
        await setup.check(closed)
