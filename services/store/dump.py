"""Reads all that lasts, page by page and by id, as the store holds it: hashes as text, results and datasets as bytes.

Each record is of one moment, but two records may be of two: work goes on between pages. Tokens, which are secrets, and
failed logins are left out. What follows from the records (the jobs of a user, the names of queues) is left out too.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from itertools import chain
from typing import TypeVar

from services.store import keys, pushes
from services.store.changes import block_of
from services.store.connection import Store
from services.store.records import text_hash
from services.store.wire import Argument

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
        yield await _texts(store, names[at : at + PAGE], keys.user)


async def blocks(store: Store) -> AsyncIterator[int]:
    """Blocks of jobs (changes.py) that are not empty, in order."""
    after = 0
    while raw := await store.command("ZRANGE", keys.JOBS, f"({after}", "+inf", "BYSCORE", "LIMIT", 0, 1):
        block = block_of(int(raw[0]))
        yield block
        after = _ids_of(block)[-1]


async def jobs(store: Store, block: int) -> list[tuple[int, list[bytes]]]:
    """The jobs of a block by id, each with its fields and values in turn; the last of one that waits is its score.

    By plain commands: a script takes six times as long to answer with hashes.
    """
    ids = _ids_of(block)
    listed, pushed = await store.commands([("ZRANGE", keys.JOBS, ids[0], ids[-1], "BYSCORE"), pushes.UNFINISHED])
    there = [int(job_id) for job_id in listed]
    unseen = pushes.unseen(there, pushed)
    return sorted((await _placed(store, [job_id for job_id in there if job_id not in unseen], {})).items())


async def _placed(store: Store, ids: Sequence[int], before: Mapping[int, list[bytes]]) -> dict[int, list[bytes]]:
    """The records that exist, with the scores of those that wait.

    A waiting job's score stands in its queue alone and is asked for a moment later. A job that has left its place by
    then is read again, unless it is as it was `before`.
    """
    found = dict(await _hashes(store, ids, keys.job))
    scores = await _scores(store, found)
    moved = [job_id for job_id, score in scores.items() if score is None and found[job_id] != before.get(job_id)]
    placed = {
        job_id: [*flat, b"score", score] if (score := scores.get(job_id)) else flat
        for job_id, flat in found.items()
        if job_id not in moved
    }
    return placed | await _placed(store, moved, found) if moved else placed


async def _scores(store: Store, records: Mapping[int, list[bytes]]) -> dict[int, bytes | None]:
    """By job that waits, its score in its queue."""
    waiting: dict[bytes, list[int]] = {}
    for job_id, flat in records.items():
        names = flat[::2]
        if flat[2 * names.index(b"status") + 1] == b"queued":
            waiting.setdefault(flat[2 * names.index(b"queue") + 1], []).append(job_id)
    answers = await store.commands([_scores_of(int(queue), ids) for queue, ids in waiting.items()])
    asked = [job_id for ids in waiting.values() for job_id in ids]
    return dict(zip(asked, chain.from_iterable(answers), strict=True))


def _scores_of(queue: int, ids: Sequence[int]) -> tuple[Argument, ...]:
    return "ZMSCORE", keys.ready(queue), *ids


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
        yield await _texts(store, indices, keys.queue)


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
        yield await _texts(store, ids, keys.run)


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


async def _hashes(store: Store, names: Sequence[Name], key: Callable[[Name], str]) -> list[tuple[Name, list[bytes]]]:
    """Those hashes that exist: one deleted meanwhile is left out."""
    answers = await store.commands([("HGETALL", key(name)) for name in names])
    return [(name, flat) for name, flat in zip(names, answers, strict=True) if flat]


async def _texts(store: Store, names: Sequence[Name], key: Callable[[Name], str]) -> list[tuple[Name, Fields]]:
    return [(name, text_hash(flat)) for name, flat in await _hashes(store, names, key)]
