"""The lists in the files, in the order in which a restore writes them: how a record is read, and how it is written.

A record is read as the services will read it: what they could not read does not get into the store.
"""

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from services.exporter import folder, forecasts
from services.exporter.records import fields_of
from services.store.datasets import dataset_of
from services.store.dump import Fields
from services.store.job_records import check_job
from services.store.queues import queue_of
from services.store.restore import Restore
from services.store.runs import run_of
from services.store.users import user_of

Json = dict[str, Any]
Item = TypeVar("Item")
Name = TypeVar("Name", int, str)


@dataclass(frozen=True, slots=True)
class Part(Generic[Item]):
    """A list. `read` raises ValueError, LookupError, TypeError and the like for what is no record of it."""

    read: Callable[[Json], Item]
    write: Callable[[Restore, Sequence[Item]], Awaitable[None]]


def _anything(_name: object, _fields: Fields) -> None:
    """It was checked before."""


def _hash(
    word: str, kind: type[Name], check: Callable[[Name, Fields], object] = _anything
) -> Callable[[Json], tuple[Name, Fields]]:
    """Reads a hash; its name or number is the record's `word`."""

    def read(record: Json) -> tuple[Name, Fields]:
        name, fields = kind(record.pop(word)), fields_of(record)
        check(name, fields)
        return name, fields

    return read


_dataset = _hash("name", str, dataset_of)
_run = _hash("id", int, run_of)


def _read_dataset(record: Json) -> tuple[str, Fields | bytes]:
    """A dataset, or a piece of its values."""
    if "values_of" in record:
        return record["values_of"], base64.b64decode(record["base64"], validate=True)
    return _dataset(record)


async def _write_datasets(work: Restore, page: Sequence[tuple[str, Fields | bytes]]) -> None:
    for name, content in page:
        await (work.values(name, content) if isinstance(content, bytes) else work.dataset(name, content))


async def _write_versions(work: Restore, page: Sequence[int]) -> None:
    for version in page:
        work.dataset_version(version)


async def _write_places(work: Restore, page: Sequence[Sequence[int]]) -> None:
    await work.places([job_id for ids in page for job_id in ids])


def _read_total(record: Json) -> tuple[str, str]:
    float(record["value"])
    return record["name"], record["value"]


async def _write_totals(work: Restore, page: Sequence[tuple[str, str]]) -> None:
    await work.run_totals(dict(page))


def _read_run(record: Json) -> tuple[int, Fields | list[int]]:
    """A run, or jobs that it finished."""
    if "jobs_of" in record:
        return int(record["jobs_of"]), [int(job_id) for job_id in record["jobs"]]
    return _run(record)


async def _write_runs(work: Restore, page: Sequence[tuple[int, Fields | list[int]]]) -> None:
    for run_id, content in page:
        await (work.run_jobs(run_id, content) if isinstance(content, list) else work.runs([(run_id, content)]))


ORDER: Sequence[tuple[str, Mapping[str, Part[Any]]]] = (
    (folder.QUEUES, {"queues": Part(_hash("index", int, queue_of), Restore.queues)}),
    (
        folder.MASTERDATA,
        {
            "jobs": Part(_hash("id", int, check_job), Restore.jobs),
            "datasets": Part(_read_dataset, _write_datasets),
            "dataset_versions": Part(lambda record: int(record["version"]), _write_versions),
        },
    ),
    (
        folder.RESULTS,
        {"results": Part(lambda record: (int(record["job"]), forecasts.packed_of(record)), Restore.results)},
    ),
    (folder.MASTERDATA, {"jobs": Part(_hash("id", int), Restore.results_missing)}),
    (
        folder.QUEUES,
        {
            "places": Part(lambda record: [int(job_id) for job_id in record["jobs"]], _write_places),
            "run_totals": Part(_read_total, _write_totals),
            "runs": Part(_read_run, _write_runs),
        },
    ),
    (folder.USERS, {"users": Part(_hash("name", str, user_of), Restore.users)}),
)
"""By file, the lists that are written while it is read once; jobs are read again when their results are there."""
