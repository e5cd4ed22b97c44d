"""Writes the four files from the store.

Work goes on meanwhile: each record is of one moment, the files are not. They are read in the order masterdata, results,
queues, users, and put into place the other way round, so that whenever the process ends, and for whoever copies the
files in the first order, each job of masterdata.json that is done has its result, each queued one its queue and each
its owner, unless that was deleted meanwhile. Beside that there can be results of jobs that are not done yet, and places
in queues of jobs that were pushed or deleted meanwhile; a restore drops them.

Jobs and results are written in blocks, and those that did not change are copied from the old files (memory.py). What
changed is asked for once, at the start: a block that changes later is of that moment in both files, and read next time.
Jobs that are pushed later are left out, or half of a push might be there.
"""

import time
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path

from services.errors import ConflictError
from services.exporter import folder
from services.exporter.blocks import Spans
from services.exporter.hold import held
from services.exporter.masterdata import write_masterdata
from services.exporter.memory import Memory
from services.exporter.queues import write_queues
from services.exporter.records import named
from services.exporter.results import write_results
from services.exporter.writer import JsonFile
from services.store import changes, dump, exports
from services.store.changes import Changes
from services.store.connection import Store
from services.store.exports import Export


async def write(store: Store, target: Path) -> Export:
    """Hold the folder and write the files whose content has changed.

    Raises ForesailError or OSError; the files are then the old ones, whole.
    """
    with held(target):
        return (await write_held(store, target, Memory()))[0]


async def write_held(store: Store, target: Path, before: Memory) -> tuple[Export, Memory]:
    """The same in a folder that the caller holds, with what is remembered of the last time and for the next one."""
    began, start = time.time(), time.monotonic()
    identity = await exports.identity(store)
    folder.set_aside(target, identity, await dump.sequences(store))
    with ExitStack() as stack:
        snapshot = _Snapshot(store, target, identity, stack)
        after = await snapshot.write(before.of(target))
    return Export(began, time.monotonic() - start, after.sizes), after


class _Snapshot:
    """One writing of the files."""

    def __init__(self, store: Store, target: Path, identity: str, stack: ExitStack) -> None:
        self._store = store
        self._target = target
        self._identity = identity
        self._stack = stack
        self._files: list[JsonFile] = []

    async def write(self, before: Memory) -> Memory:
        """Write what changed since `before`, and put it into place."""
        found = await changes.since(self._store, before.mark)
        if found.blocks is None:
            before = Memory()
            blocks: Collection[int] = [block async for block in dump.blocks(self._store)]
        else:
            blocks = found.blocks
        datasets = await dump.dataset_state(self._store)
        spans = await self._jobs_and_results(before, blocks, datasets, found)
        await write_queues(self._store, self._file(folder.QUEUES))
        await self._users()
        for file in self._files:
            file.close()
        await self._check_store()
        state = {**before.state, **{file.path.name: file.put() for file in reversed(self._files)}}
        if state != before.state:
            folder.sync(self._target)
        return Memory(found.mark, state, spans, datasets)

    async def _check_store(self) -> None:
        """A store that was emptied meanwhile is another one, and what was read of it is not worth the old files."""
        if await exports.identity(self._store) != self._identity:
            raise ConflictError("the store was emptied while it was exported; the files are left as they were")

    async def _users(self) -> None:
        file = self._file(folder.USERS)
        file.section("users")
        async for page in dump.users(self._store):
            file.write(named("name", page))

    async def _jobs_and_results(
        self, before: Memory, blocks: Collection[int], datasets: object, then: Changes
    ) -> dict[str, Spans]:
        spans = dict(before.spans)
        done: Collection[int] = ()
        old_jobs, old_results = (spans.get(name, {}) for name in (folder.MASTERDATA, folder.RESULTS))
        if blocks or before.mark is None or datasets != before.datasets:
            file = self._file(folder.MASTERDATA)
            spans[folder.MASTERDATA], done = await write_masterdata(self._store, file, old_jobs, blocks, then)
        if before.mark is None or done or not old_results.keys().isdisjoint(blocks):
            file = self._file(folder.RESULTS)
            spans[folder.RESULTS] = await write_results(self._store, file, old_results, blocks, done)
        return spans

    def _file(self, name: str) -> JsonFile:
        file = JsonFile(self._target / name, self._identity)
        self._stack.callback(file.discard)
        self._files.append(file)
        return file
