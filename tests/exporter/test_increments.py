"""What changed is written anew and the rest copied: the files are the same as if all of it had been read."""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
from prometheus_client import CollectorRegistry

from services.config import ExportSettings
from services.exporter import folder, snapshot
from services.exporter.hold import held
from services.exporter.loop import Loop
from services.exporter.memory import Memory
from services.exporter.metrics import ExportMetrics
from services.store import dump, jobs, keys, queues
from services.store.connection import Store
from services.store.embedded import EmbeddedStore
from services.store.scripts import script
from tests.exporter import content, process
from tests.store import schedules
from tests.store.schedule import Schedule
from tests.store.schedules import small_pieces

pytestmark = pytest.mark.anyio
STEPS = 25


async def again(store: Store, folder: Path, memory: Memory) -> Memory:
    """Export with what is remembered, and compare with an export that remembers nothing."""
    with held(folder):
        _, memory = await snapshot.write_held(store, folder, memory)
    await snapshot.write(store, folder / "whole")
    assert process.contents(folder) == process.contents(folder / "whole")
    return memory


class Watched(Schedule):
    """A schedule whose store is exported after every step."""

    folder: Path
    memory = Memory()

    async def step(self, deed: object) -> None:
        await super().step(deed)  # type: ignore[arg-type]
        self.memory = await again(self.store, self.folder, self.memory)


@contextmanager
def small_blocks() -> Iterator[None]:
    """Blocks of three jobs, in the scripts too."""
    script.cache_clear()
    with mock.patch.object(keys, "JOBS_A_BLOCK", 3):
        yield
    script.cache_clear()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_to_jobs_is_in_the_files(tmp_path: Path, seed: int) -> None:
    async def run(server: EmbeddedStore) -> None:
        watched = Watched(server, seed)
        watched.folder = tmp_path
        await watched.run(STEPS)

    with schedules.store() as server, small_pieces(), small_blocks():
        asyncio.run(run(server))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The blocks of jobs that are read from now on."""
    whole, found = dump.jobs, list[int]()

    async def noted(store: Store, block: int) -> list[tuple[int, list[bytes]]]:
        found.append(block)
        return await whole(store, block)

    monkeypatch.setattr(dump, "jobs", noted)
    return found


async def fill(store: Store) -> None:
    index = await queues.create(store, "", 3)
    await queues.enqueue(store, index, "bob", [content.SPEC] * 1200)


async def test_what_did_not_change_is_not_read(store: Store, tmp_path: Path, read: list[int]) -> None:
    await fill(store)
    memory = await again(store, tmp_path, Memory())
    await jobs.delete(store, [700])
    read.clear()
    with held(tmp_path):
        await snapshot.write_held(store, tmp_path, memory)
    assert read == [700 // keys.JOBS_A_BLOCK]


async def start_and_end(store: Store, folder: Path) -> None:
    """An exporter that was just started and has to end: it exports once."""
    stop = asyncio.Event()
    stop.set()
    await Loop(store, ExportSettings(folder=folder), ExportMetrics(CollectorRegistry(), None)).run(stop)


@pytest.mark.parametrize("spoilt", [False, True], ids=["kept", "spoilt"])
async def test_an_exporter_that_is_started_again_reads_what_changed(
    store: Store, tmp_path: Path, read: list[int], *, spoilt: bool
) -> None:
    await fill(store)
    await start_and_end(store, tmp_path)
    await jobs.delete(store, [700])
    if spoilt:
        (tmp_path / ".memory.json").write_text('{"mark": 1')
    read.clear()
    await start_and_end(store, tmp_path)
    everything = list(range(1200 // keys.JOBS_A_BLOCK + 1))
    assert read == (everything if spoilt else [700 // keys.JOBS_A_BLOCK])
    await snapshot.write(store, tmp_path / "whole")
    assert process.contents(tmp_path) == process.contents(tmp_path / "whole")


@pytest.mark.parametrize("spoil", ["touch", "flush"])
async def test_what_is_remembered_of_other_files_or_another_store_counts_for_nothing(
    store: Store, tmp_path: Path, spoil: str
) -> None:
    await content.fill(store)
    memory = await again(store, tmp_path, Memory())
    if spoil == "touch":
        (tmp_path / "masterdata.json").write_text("{}")
    else:
        identity = await store.command("HGET", keys.EXPORT, "store")
        await store.command("FLUSHALL")
        await store.command("HSET", keys.EXPORT, "store", identity)
        for _ in itertools.repeat(None, 9):
            await jobs.create(store, "ada", content.SPEC)
    await again(store, tmp_path, memory)


async def test_a_file_that_is_lost_in_the_moment_it_was_written_is_missed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await content.fill(store)
    monkeypatch.setattr(folder, "sync", lambda target: (target / "masterdata.json").unlink())
    with held(tmp_path):
        _, memory = await snapshot.write_held(store, tmp_path, Memory())
    assert memory.of(tmp_path) == Memory()
