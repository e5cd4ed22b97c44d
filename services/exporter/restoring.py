"""Restores the four files into an empty store: all of them or nothing."""

import struct
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from services.errors import InvalidError
from services.exporter import folder, reader
from services.exporter.parts import ORDER, Part
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
    for name, sections in ORDER:
        await _write(work, source / name, sections)
    with _told(folder.MASTERDATA):
        work.check_values()
    read = reader.lines(source / folder.QUEUES, SECTIONS[folder.QUEUES])
    with _told(folder.QUEUES):
        last = {line.record["name"]: int(line.record["last"]) for line in read if line.section == "sequences"}
        await work.finish(last, identity)
    return +work.dropped


async def _write(work: Restore, path: Path, parts: Mapping[str, Part[Any]]) -> None:
    for section, places, items in _pages(path, parts):
        with _told(f"{places[0]} and the {len(places) - 1} lines after it" if len(places) > 1 else places[0]):
            await parts[section].write(work, items)


def _pages(path: Path, parts: Mapping[str, Part[Any]]) -> Iterator[tuple[str, list[str], list[Any]]]:
    """Records of one list together, few enough to be kept in memory, and where they stand."""
    section, size = "", 0
    places: list[str] = []
    items: list[Any] = []
    for line in reader.lines(path, SECTIONS[path.name]):
        if places and (line.section != section or len(places) == _PAGE or size > _MOST_BYTES):
            yield section, places, items
            size, places, items = 0, [], []
        if line.section in parts:
            with _told(line.place):
                items.append(parts[line.section].read(line.record))
            section = line.section
            places.append(line.place)
            size += line.size
    if places:
        yield section, places, items


@contextmanager
def _told(place: str) -> Iterator[None]:
    """What does not fit is refused by its place."""
    try:
        yield
    except _MISFITS as error:
        reader.refuse(place, f"a record there does not fit ({type(error).__name__}: {error})")
