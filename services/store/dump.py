"""Reads all that lasts, page by page and by id, as the store holds it: hashes as text, results and datasets as bytes.

Each record is of one moment, but two records may be of two: work goes on between pages. Tokens, which are secrets, and
failed logins are left out. What follows from the records (the jobs of a user, the names of queues) is left out too.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeVar

from services.store import keys
from services.store.connection import Store
from services.store.records import text_hash

PAGE = 500
"""Records a round trip: few enough that the memory stays flat and others are served in between."""
_MOST_BYTES = 4 * 2**20
"""Of results read at once: a page of the largest ones would have gigabytes."""
PLACES = {"ready": keys.ready, "leased": keys.leased, "dead": keys.dead}
SEQUENCES = {
    "jobs": keys.JOB_SEQUENCE,
    "queues": keys.QUEUE_SEQUENCE,
    "runs": keys.RUN_SEQUENCE,
    "leases": keys.LEASE_SEQUENCE,
}
Fields = dict[str, str]
Name = TypeVar("Name", int, str)


async def users(store: Store) -> AsyncIterator[list[tuple[str, Fields]]]:
    """Users by name."""
    names = await _names(store, keys.USERS)
    for at in range(0, len(names), PAGE):
        yield await _hashes(store, names[at : at + PAGE], keys.user)


async def jobs(store: Store) -> AsyncIterator[list[tuple[int, Fields]]]:
    """Jobs by id."""
    async for ids in _ids(store, keys.JOBS):
        yield _found(ids, await store.call("dump_jobs", *ids))


async def results(store: Store) -> AsyncIterator[list[tuple[int, str, bytes]]]:
    """Jobs with a result, by id: the id, the job's assets as text, and the packed result."""
    async for ids in _ids(store, keys.JOBS):
        looked_at = 0
        while looked_at < len(ids):
            count, *found = await store.call("dump_results", _MOST_BYTES, *ids[looked_at:])
            looked_at += count
            yield [(int(found[n]), found[n + 1].decode(), found[n + 2]) for n in range(0, len(found), 3)]


async def datasets(store: Store) -> AsyncIterator[tuple[str, Fields, bytes]]:
    """Datasets by name, each with its values, both of one version."""
    for name in await _names(store, keys.DATASETS):
        flat, packed = await store.commands([("HGETALL", keys.dataset(name)), ("GET", keys.dataset_values(name))])
        if flat and packed is not None:
            yield name, text_hash(flat), packed


async def dataset_versions(store: Store) -> dict[str, int]:
    """The last version given out by name of dataset, deleted ones too."""
    fields = text_hash(await store.command("HGETALL", keys.DATASET_VERSIONS))
    return {name: int(version) for name, version in fields.items()}


async def queues(store: Store) -> AsyncIterator[list[tuple[int, Fields]]]:
    """Queues by index, without those that are being deleted."""
    async for indices in _ids(store, keys.QUEUES):
        yield await _hashes(store, indices, keys.queue)


async def places(store: Store, index: int, place: str) -> AsyncIterator[list[tuple[int, float]]]:
    """The jobs of a queue that are ready, leased or dead, in order: id and score (see keys).

    Pages are counted by position: a job that moves meanwhile may be missing or stand there twice.
    """
    at = 0
    while flat := await store.command("ZRANGE", PLACES[place](index), at, at + PAGE - 1, "WITHSCORES"):
        yield [(int(flat[n]), float(flat[n + 1])) for n in range(0, len(flat), 2)]
        at += PAGE


async def runs(store: Store) -> AsyncIterator[list[tuple[int, Fields]]]:
    """Runs by id."""
    async for ids in _ids(store, keys.RUNS):
        yield await _hashes(store, ids, keys.run)


async def run_jobs(store: Store, run_id: int) -> AsyncIterator[list[int]]:
    """Ids of the jobs that a run finished, in order."""
    at = 0
    while ids := await store.command("LRANGE", keys.run_jobs(run_id), at, at + PAGE - 1):
        yield [int(job_id) for job_id in ids]
        at += PAGE


async def run_totals(store: Store) -> Fields:
    """Counts and seconds of ended runs."""
    return text_hash(await store.command("HGETALL", keys.RUN_TOTALS))


async def sequences(store: Store) -> dict[str, int]:
    """The last id given out of each kind."""
    answers = await store.command("MGET", *SEQUENCES.values())
    return {name: int(value or 0) for name, value in zip(SEQUENCES, answers, strict=True)}


async def _ids(store: Store, index: str) -> AsyncIterator[list[int]]:
    after = 0
    while raw := await store.command("ZRANGE", index, f"({after}", "+inf", "BYSCORE", "LIMIT", 0, PAGE):
        ids = [int(number) for number in raw]
        yield ids
        after = ids[-1]


async def _names(store: Store, index: str) -> list[str]:
    """All members of a short set."""
    return sorted(name.decode() for name in await store.command("SMEMBERS", index))


async def _hashes(store: Store, names: Sequence[Name], key: Callable[[Name], str]) -> list[tuple[Name, Fields]]:
    return _found(names, await store.call("dump_hashes", *map(key, names)))


def _found(names: Sequence[Name], answers: Sequence[Sequence[bytes]]) -> list[tuple[Name, Fields]]:
    """The hashes that exist: one deleted meanwhile is left out."""
    return [(name, text_hash(flat)) for name, flat in zip(names, answers, strict=True) if flat]
