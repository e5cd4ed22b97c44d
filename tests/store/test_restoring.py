"""A store that is being restored, or whose restore was cut off, holds a part of everything: nobody works in it."""

from collections.abc import AsyncIterator

import pytest

from services.errors import ConflictError, UnavailableError
from services.store import audit, jobs, keys, restorer, scripts, setup
from services.store.audit import Action, Entry, Outcome
from services.store.connection import Store
from services.store.embedded import EmbeddedStore
from tests.store.samples import spec
from tests.store.soundness import connected

pytestmark = pytest.mark.anyio
SCRIPTS = {file.name.removesuffix(".lua") for file in scripts.FOLDER.iterdir()} - {"prelude"}


@pytest.fixture
async def closed(store: Store) -> AsyncIterator[Store]:
    await store.command("SET", keys.RESTORING, "word")
    yield store
    await store.command("DEL", keys.RESTORING)


@pytest.mark.parametrize("name", sorted(SCRIPTS))
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


async def test_only_one_restore_goes_on(store: Store) -> None:
    first = await restorer.begin(store)
    with pytest.raises(ConflictError, match="another restore goes on; if it was cut off, try again in half a minute"):
        await restorer.begin(store)
    await first.write([("SET", keys.JOB_SEQUENCE, 7)])
    await first.open()
    assert await jobs.create(store, "ann", spec()) == 8


async def silent(store: Store) -> restorer.Restorer:
    """A restore that has written something and then nothing for half a minute."""
    begun = await restorer.begin(store)
    await begun.write([("SET", keys.QUEUE_SEQUENCE, 7)])
    assert 0 < await store.command("TTL", keys.RESTORER) <= restorer.SILENCE_SECONDS
    await store.command("DEL", keys.RESTORER)
    return begun


async def test_each_write_is_a_sign_of_life(store: Store) -> None:
    begun = await silent(store)
    await begun.write([])
    with pytest.raises(ConflictError, match="another restore goes on"):
        await restorer.begin(store)
    await begun.undo()
    assert await store.command("EXISTS", keys.QUEUE_SEQUENCE, keys.RESTORING, keys.RESTORER) == 0


async def test_a_restore_that_comes_back_after_its_silence_touches_nothing_more(store: Store) -> None:
    first = await silent(store)
    second = await restorer.begin(store)
    assert await store.command("EXISTS", keys.QUEUE_SEQUENCE) == 0
    await second.write([("SET", keys.JOB_SEQUENCE, 7)])
    for late in (first.write([("SET", keys.JOB_SEQUENCE, 1)]), first.undo(), first.open()):
        with pytest.raises(ConflictError, match="another restore has begun meanwhile"):
            await late
    await second.open()
    with pytest.raises(ConflictError, match="or this one is over"):
        await second.undo()
    assert await jobs.create(store, "ann", spec()) == 8


async def test_nothing_is_done_where_another_restore_begins_in_the_moment_of_a_write(
    store: Store, store_server: EmbeddedStore
) -> None:
    await store.command("WATCH", keys.RESTORER)
    async with connected(store_server.url) as other:
        second = await restorer.begin(other)
        with pytest.raises(ConflictError, match="changed by somebody else meanwhile"):
            await store.commands([("SET", keys.JOB_SEQUENCE, 7)])
        assert await store.command("EXISTS", keys.JOB_SEQUENCE) == 0
        await second.undo()
