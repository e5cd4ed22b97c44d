"""Reads all that lasts, page by page and by id, as the store holds it: hashes as text, results and datasets as bytes.

Each record is of one moment, but two records may be of two: work goes on between pages. Tokens, which are secrets, and
failed logins are left out. What follows from the records (the jobs of a user, the names of queues) is left out too.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeVar

from services.store import keys
from services.store.changes import block_of
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
    "datasets": keys.DATASET_SEQUENCE,
}
Fields = dict[str, str]
Name = TypeVar("Name", int, str)


async def users(store: Store) -> AsyncIterator[list[tuple[str, Fields]]]:
    """Users by name."""
    names = await _names(store, keys.USERS)
    for at in range(0, len(names), PAGE):
        yield await _hashes(store, names[at : at + PAGE], keys.user)


async def blocks(store: Store) -> AsyncIterator[int]:
    """Blocks of jobs (changes.py) that are not empty, in order."""
    after = 0
    while raw := await store.command("ZRANGE", keys.JOBS, f"({after}", "+inf", "BYSCORE", "LIMIT", 0, 1):
        block = block_of(int(raw[0]))
        yield block
        after = _ids_of(block)[-1]


async def jobs(store: Store, block: int) -> list[tuple[int, list[bytes]]]:
    """The jobs of a block by id, each with its fields and values in turn."""
    ids = _ids_of(block)
    found = await store.call("dump_jobs", ids[0], ids[-1])
    return [(int(found[n]), found[n + 1]) for n in range(0, len(found), 2)]


async def results(store: Store, block: int) -> AsyncIterator[list[tuple[int, str, bytes]]]:
    """The jobs of a block with a result, by id: the id, the job's assets as text, and the packed result."""
    ids = _ids_of(block)
    first = ids[0]
    while first:
        first, *found = await store.call("dump_results", _MOST_BYTES, first, ids[-1])
        yield [(int(found[n]), found[n + 1].decode(), found[n + 2]) for n in range(0, len(found), 3)]


async def datasets(store: Store) -> AsyncIterator[tuple[str, Fields, bytes]]:
    """Datasets by name, each with its values, both of one version."""
    for name in await _names(store, keys.DATASETS):
        flat, packed = await store.commands([("HGETALL", keys.dataset(name)), ("GET", keys.dataset_values(name))])
        if flat and packed is not None:
            yield name, text_hash(flat), packed


async def dataset_state(store: Store) -> str:
    """Another value after whatever is done to a dataset."""
    names, version = await store.commands([("SMEMBERS", keys.DATASETS), ("GET", keys.DATASET_SEQUENCE)])
    return b" ".join([*sorted(names), version or b""]).decode()


async def queues(store: Store) -> AsyncIterator[list[tuple[int, Fields]]]:
    """Queues by index, without those that are being deleted."""
    async for indices in _ids(store, keys.QUEUES):
        yield await _hashes(store, indices, keys.queue)


async def places(store: Store, index: int, place: str) -> AsyncIterator[list[int]]:
    """The ids of a queue's jobs that are ready, leased or dead, in order.

    Pages are counted by position: a job that moves meanwhile may be missing or stand there twice.
    """
    at, size = 0, 10 * PAGE  # ids alone
    while ids := await store.command("ZRANGE", PLACES[place](index), at, at + size - 1):
        yield [int(job_id) for job_id in ids]
        at += size


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


def _ids_of(block: int) -> range:
    """There is no job 0."""
    return range(block * keys.JOBS_A_BLOCK or 1, (block + 1) * keys.JOBS_A_BLOCK)


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
