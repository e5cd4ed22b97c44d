"""A store that goes away half-way: the run outlasts a restart, and ends with a reason where there is none."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest

from services.config import MarketSettings
from services.drain.leases import Leases
from services.drain.panels import Panels
from services.models import Dataset
from services.store import datasets, runs
from services.store.connection import Store
from services.store.embedded import EmbeddedStore
from tests.mpi.program import started
from tests.mpi.work import SMALL_BATCHES, assert_each_done_once, costly, filled, half_way, mixed, only_run
from tests.store.process import kill
from tests.store.soundness import connected

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]
PATIENT = {**SMALL_BATCHES, "FORESAIL_QUEUE_LEASE_SECONDS": "30"}
"""The run asks for as long: more than a store takes to start again."""


@pytest.fixture
async def store(own_store: EmbeddedStore) -> AsyncIterator[Store]:
    """A connection to the store of this test alone."""
    async with connected(own_store.url) as found:
        yield found


async def test_a_restarted_store_is_gone_on_with(own_store: EmbeddedStore, store: Store, tmp_path: Path) -> None:
    queue, ids = await filled(store, costly())
    async with started(tmp_path, own_store.url, ["--queue", str(queue)], settings=PATIENT) as program:
        await half_way(store)
        kill(own_store)
        await store.close()
        own_store.start()
        assert await program.ended() == 0, program.text()
    await assert_each_done_once(store, queue, ids, [await only_run(store)])


async def test_a_store_that_stays_away_ends_the_run_with_a_reason(
    own_store: EmbeddedStore, store: Store, tmp_path: Path
) -> None:
    queue, _ = await filled(store, costly())
    async with started(tmp_path, own_store.url, ["--queue", str(queue)], settings=SMALL_BATCHES) as program:
        await half_way(store)
        kill(own_store)
        await store.close()
        assert await program.ended() == 1
        assert "the store was away for 3.0 s" in program.text()
        assert "Traceback" not in program.text()


async def test_a_store_that_is_away_when_the_run_begins_is_waited_for(
    own_store: EmbeddedStore, store: Store, tmp_path: Path
) -> None:
    queue, ids = await filled(store, mixed(20))
    run = await runs.start(store, queue, "bob", 2, 30)
    kill(own_store)
    await store.close()
    words = ["--queue", str(queue), "--run", str(run)]
    async with AsyncExitStack() as stack:
        with asked(own_store) as door:
            program = await stack.enter_async_context(started(tmp_path, own_store.url, words, settings=PATIENT))
            (await asyncio.to_thread(door.accept))[0].close()
        own_store.start()
        assert await program.ended() == 0, program.text()
    await assert_each_done_once(store, queue, ids, [run])


async def test_a_dataset_is_waited_for_however_long_the_one_before_it_took(
    own_store: EmbeddedStore, store: Store
) -> None:
    """What is calculated between two questions to the store takes nothing of the patience with it."""
    known = Dataset("own", "bob", 0, 40, ("one",), 0.0)
    await datasets.put(store, known, np.ones((1, 40)), replace_others=False)
    panels = Panels(store, MarketSettings(), Leases(store, 1, 1, 30))
    kill(own_store)
    with asked(own_store) as door:
        loading = asyncio.create_task(panels.load("own"))
        (await asyncio.to_thread(door.accept))[0].close()
    own_store.start()
    assert (await loading)[0].name == "own"


@contextmanager
def asked(server: EmbeddedStore) -> Iterator[socket.socket]:
    """In the place of a store that is away, what sees that somebody asks for it."""
    path = Path(urlsplit(server.url).path)
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen()
        yield door
    path.unlink()
