"""Restores the four files into an empty store: all of them or nothing."""

import base64
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from services.errors import InvalidError
from services.exporter import folder, forecasts, reader
from services.exporter.reader import Line
from services.exporter.records import fields_of
from services.store import restorer
from services.store.connection import Store
from services.store.restore import Restore
from services.store.restorer import Restorer

SECTIONS: Mapping[str, Collection[str]] = {
    folder.USERS: ("users",),
    folder.MASTERDATA: ("jobs", "datasets", "dataset_versions"),
    folder.RESULTS: ("results",),
    folder.QUEUES: ("queues", "places", "run_totals", "runs", "sequences"),
}
_PAGE = 500
_MOST_BYTES = 16 * 2**20
_MISFITS = (ValueError, LookupError, TypeError, AttributeError, OverflowError, struct.error)
"""What reading a record raises that is not as the exporter writes it."""
_Write = Callable[[Restore, list[Line]], Awaitable[None]]


async def restore_files(store: Store, source: Path) -> Mapping[str, int]:
    """Write the content of the files into the store; returns what was dropped, by reason (snapshot.py says why).

    Raises InvalidError that names the line that does not fit, ConflictError where the store is not empty or another
    restore goes on, which nothing is done to; whatever else goes wrong, the store is empty again.
    """
    identities = {reader.store_of(source / name) for name in SECTIONS}
    if len(identities) > 1:
        raise InvalidError(f"the files in {source} are of different stores; nothing was restored", str(source))
    for name, sections in SECTIONS.items():
        for _ in reader.lines(source / name, sections):
            pass
    begun = await restorer.begin(store)
    async with _undone_on_failure(begun):
        return await _write_all(Restore(begun), source, identities.pop())


@asynccontextmanager
async def _undone_on_failure(begun: Restorer) -> AsyncIterator[None]:
    try:
        yield
    except BaseException:
        await begun.undo()
        raise


async def _write_all(work: Restore, source: Path, identity: str) -> Mapping[str, int]:
    await _write(work, source / folder.QUEUES, {"queues": _queues})
    await _write(
        work, source / folder.MASTERDATA, {"jobs": _jobs, "datasets": _datasets, "dataset_versions": _versions}
    )
    await _write(work, source / folder.RESULTS, {"results": _results})
    await _write(work, source / folder.MASTERDATA, {"jobs": _results_missing})
    await _write(work, source / folder.QUEUES, {"places": _places, "run_totals": _run_totals, "runs": _runs})
    await _write(work, source / folder.USERS, {"users": _users})
    read = reader.lines(source / folder.QUEUES, SECTIONS[folder.QUEUES])
    sequences = {line.record["name"]: int(line.record["last"]) for line in read if line.section == "sequences"}
    await work.finish(sequences, identity)
    return +work.dropped


async def _write(work: Restore, path: Path, parts: Mapping[str, _Write]) -> None:
    for page in _pages(path, parts):
        try:
            await parts[page[0].section](work, page)
        except _MISFITS as error:
            where = f"{page[0].place} and the {len(page) - 1} lines after it" if len(page) > 1 else page[0].place
            reader.refuse(where, f"a record there does not fit ({type(error).__name__}: {error})")


def _pages(path: Path, wanted: Collection[str]) -> Iterator[list[Line]]:
    """Lines of one list together, few enough to be kept in memory."""
    page: list[Line] = []
    size = 0
    for line in reader.lines(path, SECTIONS[path.name]):
        if page and (line.section != page[0].section or len(page) == _PAGE or size > _MOST_BYTES):
            yield page
            page, size = [], 0
        if line.section in wanted:
            page.append(line)
            size += line.size
    if page:
        yield page


def _numbered(word: str, page: list[Line]) -> list[tuple[int, dict[str, str]]]:
    return [(int(line.record.pop(word)), fields_of(line.record)) for line in page]


async def _users(work: Restore, page: list[Line]) -> None:
    await work.users([(str(line.record.pop("name")), fields_of(line.record)) for line in page])


async def _jobs(work: Restore, page: list[Line]) -> None:
    await work.jobs(_numbered("id", page))


async def _queues(work: Restore, page: list[Line]) -> None:
    await work.queues(_numbered("index", page))


async def _results(work: Restore, page: list[Line]) -> None:
    await work.results([(int(line.record["job"]), forecasts.packed_of(line.record)) for line in page])


async def _results_missing(work: Restore, page: list[Line]) -> None:
    await work.results_missing(_numbered("id", page))


async def _places(work: Restore, page: list[Line]) -> None:
    await work.places([int(job_id) for line in page for job_id in line.record["jobs"]])


async def _datasets(work: Restore, page: list[Line]) -> None:
    for line in page:
        if "values_of" in line.record:
            await work.values(line.record["values_of"], base64.b64decode(line.record["base64"], validate=True))
        else:
            await work.dataset(str(line.record.pop("name")), fields_of(line.record))


async def _versions(work: Restore, page: list[Line]) -> None:
    for line in page:
        work.dataset_version(int(line.record["version"]))


async def _run_totals(work: Restore, page: list[Line]) -> None:
    await work.run_totals({line.record["name"]: line.record["value"] for line in page})


async def _runs(work: Restore, page: list[Line]) -> None:
    for line in page:
        record: dict[str, Any] = line.record
        if "jobs_of" in record:
            await work.run_jobs(int(record["jobs_of"]), [int(job_id) for job_id in record["jobs"]])
        else:
            await work.runs(_numbered("id", [line]))
