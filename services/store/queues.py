"""Queues: create, read, fill, pause, purge, delete, and the dead letters."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from services.errors import NotFoundError
from services.models import Job, JobSpec, Queue, QueueState
from services.store import jobs, keys, pushes
from services.store.connection import Store
from services.store.listing import Listed, Place, listed
from services.store.paging import full
from services.store.records import AGAIN, optional_int, text_hash

_PIECE = 100
"""Jobs touched by one script of a long operation: a few milliseconds, so that others are served in between."""
MOST_KNOWN = 1000
"""Known jobs that can be pushed at once: all of them by one script, which takes about ten milliseconds."""


async def create(store: Store, name: str, max_attempts: int) -> int:
    """Append a queue and return its index; raises ConflictError where the name is taken."""
    return int(await store.call("create_queue", name, max_attempts))


async def get(store: Store, index: int) -> Queue:
    """The queue; raises NotFoundError."""
    found = await get_many(store, [index])
    if not found:
        raise NotFoundError(f"there is no queue {index}")
    return found[0]


async def get_many(store: Store, indices: Sequence[int]) -> list[Queue]:
    """The queues of `indices` that exist, in that order."""
    parts = [part for index in indices for part in _questions(index)]
    answers = await store.commands(parts)
    per_queue = [answers[at : at + 6] for at in range(0, len(answers), 6)]
    heads = [int(part[5][0]) if part[5] else 0 for part in per_queue]
    ages = await store.commands([("HGET", keys.job(head), "created") for head in heads])
    return [
        queue_of(index, text_hash(part[1]), (int(part[2]), int(part[3]), int(part[4])), float(age) if age else None)
        for index, part, age in zip(indices, per_queue, ages, strict=True)
        if part[0] is not None
    ]


async def page(store: Store, after: int, limit: int) -> list[Queue]:
    """Queues with an index above `after`, in order."""

    async def read(after: int, wanted: int) -> tuple[list[int], list[Queue]]:
        found = await store.command("ZRANGE", keys.QUEUES, f"({after}", "+inf", "BYSCORE", "LIMIT", 0, wanted)
        indices = [int(index) for index in found]
        return indices, await get_many(store, indices)

    return await full(limit, after, read)


async def enqueue(store: Store, index: int, owner: str, specs: Sequence[JobSpec]) -> range:
    """Create jobs at the end of the queue, all or none, and return their ids; raises NotFoundError."""
    return await pushes.push(store, index, owner, specs)


async def requeue(store: Store, index: int, ids: Sequence[int], owner: str = jobs.ANYBODY) -> None:
    """Append jobs that are in no queue, all or none; raises NotFoundError, or ConflictError for other jobs."""
    await store.call("requeue", index, owner, *dict.fromkeys(ids))


async def pull(store: Store, index: int) -> Job:
    """Hand the first waiting job to a person; raises NotFoundError where nothing waits."""
    job_id = AGAIN
    while job_id == AGAIN:
        job_id = int(await store.call("pull", index))
    return await jobs.get(store, job_id)


async def waiting(store: Store, index: int, after: Place | None, limit: int) -> list[Listed]:
    """Waiting jobs in the order in which they will be claimed, from the first after a place on."""
    return await listed(store, index, keys.ready(index), after, limit)


async def dead_letters(store: Store, index: int, after: Place | None, limit: int) -> list[Listed]:
    """Dead-lettered jobs, the first to die first."""
    return await listed(store, index, keys.dead(index), after, limit)


async def redrive(store: Store, index: int) -> int:
    """Put the dead letters of now back to their own places, with fresh attempts; returns how many."""
    left, moved = int(await store.command("ZCARD", keys.dead(index))), 0
    while True:
        count = int(await store.call("redrive", index, min(_PIECE, left)))
        moved, left = moved + count, left - count
        if not (count and left):
            return moved


async def set_state(store: Store, index: int, state: QueueState) -> None:
    """Pause or resume; raises NotFoundError."""
    await store.call("set_queue_state", index, state)


async def purge(store: Store, index: int) -> int:
    """Delete the jobs that wait now; returns how many. Jobs pushed meanwhile stay."""
    last = int(await store.command("HGET", keys.queue(index), "sequence") or 0)
    place, deleted = "-inf", 0
    while place:
        count, after = await store.call("purge", index, _PIECE, last, place)
        place, deleted = after.decode(), deleted + int(count)
    return deleted


async def delete(store: Store, index: int) -> None:
    """Delete the queue with the jobs waiting, claimed or dead-lettered in it; finished jobs stay with their results.

    It is gone for everyone at the first step. Raises NotFoundError.
    """
    if int(await store.call("delete_queue", index, _PIECE)):
        await _delete_rest(store, index)


async def _delete_rest(store: Store, index: int) -> None:
    with suppress(NotFoundError):  # another replica was quicker
        while int(await store.call("delete_queue", index, _PIECE)):
            pass


async def reap(store: Store) -> int:
    """Return all jobs whose lease ran out, a piece of each queue at a time, so that none waits for another's many.

    Returns how many.
    """
    indices = [int(index) for index in await store.command("ZRANGE", keys.QUEUES, 0, -1)]
    returned = 0
    while indices:
        counts = {index: await _reap(store, index) for index in indices}
        returned += sum(counts.values())
        indices = [index for index, count in counts.items() if count == _PIECE]
    return returned


async def tidy(store: Store) -> None:
    """Remove what is left of cut-off deletions and pushes, however long that takes."""
    for index in await store.command("SMEMBERS", keys.QUEUES_DELETING):
        await _delete_rest(store, int(index))
    await pushes.tidy(store)


async def _reap(store: Store, index: int) -> int:
    try:
        return int(await store.call("reap", index, _PIECE))
    except NotFoundError:
        return 0


def _questions(index: int) -> list[tuple[str | int, ...]]:
    return [
        ("ZSCORE", keys.QUEUES, index),
        ("HGETALL", keys.queue(index)),
        ("ZCARD", keys.ready(index)),
        ("ZCARD", keys.leased(index)),
        ("ZCARD", keys.dead(index)),
        ("ZRANGE", keys.ready(index), 0, 0),
    ]


def queue_of(
    index: int, fields: Mapping[str, str], depths: tuple[int, int, int] = (0, 0, 0), oldest: float | None = None
) -> Queue:
    """The queue of a record, with how many jobs are ready, leased and dead; raises ValueError or KeyError for none."""
    counters = ("enqueued", "claimed", "completed", "failed", "redelivered", "stale")
    return Queue(
        index=index,
        name=fields["name"],
        state=QueueState(fields["state"]),
        created=float(fields["created"]),
        max_attempts=int(fields["max_attempts"]),
        ready=depths[0],
        leased=depths[1],
        dead=depths[2],
        oldest=oldest,
        run=optional_int(fields, "run"),
        **{name: int(fields.get(name, 0)) for name in counters},
    )
