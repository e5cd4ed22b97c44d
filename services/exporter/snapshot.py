"""Writes the four files from the store.

Work goes on meanwhile: each record is of one moment, the files are not. They are read in the order masterdata, results,
queues, and put into place the other way round, so that whenever the process ends each job of masterdata.json that is
done has its result and each queued one its queue. Beside that there can be results of jobs that are not done yet, and
places in queues of jobs that were pushed or deleted meanwhile; a restore drops them.
"""

import base64
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import ExitStack
from pathlib import Path

from services.exporter import folder, forecasts
from services.exporter.hold import held
from services.exporter.records import Record, readable
from services.exporter.writer import JsonFile
from services.store import dump, exports
from services.store.connection import Store
from services.store.exports import Export

_PIECE = 2**20 // 3 * 3
"""Bytes of a dataset on a line: base64 of a multiple of three needs no filling."""


async def write(store: Store, target: Path) -> Export:
    """Hold the folder and write the files whose content has changed.

    Raises ForesailError or OSError; the files are then the old ones, whole.
    """
    with held(target):
        return await write_held(store, target)


async def write_held(store: Store, target: Path) -> Export:
    """The same in a folder that the caller holds."""
    began, start = time.time(), time.monotonic()
    identity = await exports.identity(store)
    folder.set_aside(target, identity)
    sizes = await _files(store, target, identity)
    return Export(began, time.monotonic() - start, sizes)


async def _files(store: Store, target: Path, identity: str) -> dict[str, int]:
    parts = {folder.USERS: _users, folder.MASTERDATA: _masterdata, folder.RESULTS: _results, folder.QUEUES: _queues}
    with ExitStack() as stack:
        files = [await _file(stack, store, JsonFile(target / name, identity), part) for name, part in parts.items()]
        sizes = {file.path.name: file.close() for file in files}
        replaced = [file.put() for file in reversed(files)]
        if any(replaced):
            folder.sync(target)
    return sizes


async def _file(
    stack: ExitStack, store: Store, file: JsonFile, part: Callable[[Store, JsonFile], Awaitable[None]]
) -> JsonFile:
    stack.callback(file.discard)
    await part(store, file)
    return file


async def _users(store: Store, file: JsonFile) -> None:
    file.section("users")
    async for page in dump.users(store):
        file.write(_named("name", page))


async def _masterdata(store: Store, file: JsonFile) -> None:
    file.section("jobs")
    async for jobs in dump.jobs(store):
        file.write(_named("id", jobs, ("assets",)))
    file.section("datasets")
    async for name, fields, packed in dump.datasets(store):
        file.write(_named("name", [(name, fields)], ("assets", "bounds")))
        for at in range(0, len(packed), _PIECE):
            file.write([{"values_of": name, "base64": base64.b64encode(packed[at : at + _PIECE]).decode()}])
    file.section("dataset_versions")
    versions = await dump.dataset_versions(store)
    file.write({"name": name, "version": version} for name, version in sorted(versions.items()))


async def _results(store: Store, file: JsonFile) -> None:
    file.section("results")
    async for page in dump.results(store):
        file.write(forecasts.readable(job_id, assets, packed) for job_id, assets, packed in page)


async def _queues(store: Store, file: JsonFile) -> None:
    file.section("queues")
    indices: list[int] = []
    async for page in dump.queues(store):
        indices += [index for index, _ in page]
        file.write(_named("index", page))
    file.section("places")
    for index in indices:
        await _places(store, file, index)
    await _runs(store, file)
    # Last, so that no id in the files is above them.
    file.section("sequences")
    file.write({"name": name, "last": number} for name, number in (await dump.sequences(store)).items())


async def _places(store: Store, file: JsonFile, index: int) -> None:
    for place in dump.PLACES:
        async for page in dump.places(store, index, place):
            file.write({"queue": index, "place": place, "job": job_id, "score": score} for job_id, score in page)


async def _runs(store: Store, file: JsonFile) -> None:
    file.section("run_totals")
    file.write({"name": name, "value": value} for name, value in sorted((await dump.run_totals(store)).items()))
    file.section("runs")
    async for page in dump.runs(store):
        for run_id, fields in page:
            file.write(_named("id", [(run_id, fields)]))
            async for ids in dump.run_jobs(store, run_id):
                file.write([{"jobs_of": run_id, "jobs": ids}])


def _named(word: str, page: Iterable[tuple[int | str, dump.Fields]], lists: Collection[str] = ()) -> Iterable[Record]:
    return ({word: name, **readable(fields, lists)} for name, fields in page)
