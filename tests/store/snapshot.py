"""All that matters of the queues and jobs, as the store holds it and as the reference expects it."""

from typing import Any

from services.store import keys, pushes
from services.store.connection import Store
from services.store.records import text_hash
from tests.store.reference import Reference

Snapshot = dict[str, dict[int, Any]]
_LISTS = [
    ("ZRANGE", keys.QUEUES, 0, -1),
    ("ZRANGE", keys.JOBS, 0, -1),
    ("ZRANGE", keys.jobs_of("bob"), 0, -1),
    ("ZRANGE", keys.FINISHED_JOBS, 0, -1, "WITHSCORES"),
    pushes.UNFINISHED,
]
"""Everything is bob's here."""


def expected(reference: Reference) -> Snapshot:
    return {
        "queues": {
            q: {
                "ready": reference.ready(q),
                "leased": reference.leased(q),
                "dead": reference.dead(q),
                "state": "paused" if queue.paused else "open",
                "assets": reference.assets(q),
                **queue.counters,
            }
            for q, queue in reference.queues.items()
        },
        "jobs": {
            i: (str(job.status), job.queue, job.attempts, job.lease, job.result) for i, job in reference.jobs.items()
        },
        "bob's": dict.fromkeys(sorted(reference.jobs)),
        "over": {i: job.ended for i, job in reference.jobs.items() if job.ended is not None},
    }


async def observed(store: Store) -> Snapshot:
    """Two round trips: what there is, and everything about it."""
    *lists, over, pushed = await store.commands(_LISTS)
    queues, *listed = [[int(i) for i in ids] for ids in lists]
    unseen = pushes.unseen([*listed[0], *listed[1]], pushed)
    jobs, bobs = [[i for i in ids if i not in unseen] for ids in listed]
    words = [word for queue in queues for word in _of_queue(queue)] + [word for job in jobs for word in _of_job(job)]
    answers = iter(await store.commands(words) if words else [])
    return {
        "queues": {queue: _queue(*(next(answers) for _ in range(4))) for queue in queues},
        "jobs": {job: _job(next(answers), next(answers)) for job in jobs},
        "bob's": dict.fromkeys(bobs),
        "over": {int(i): float(time) for i, time in zip(over[::2], over[1::2], strict=True)},
    }


def _of_queue(queue: int) -> list[tuple[str | int, ...]]:
    return [
        ("HGETALL", keys.queue(queue)),
        ("ZRANGE", keys.ready(queue), 0, -1),
        ("ZRANGE", keys.leased(queue), 0, -1, "WITHSCORES"),
        ("ZRANGE", keys.dead(queue), 0, -1),
    ]


def _of_job(job: int) -> list[tuple[str | int, ...]]:
    return [("HGETALL", keys.job(job)), ("GET", keys.result(job))]


def _queue(flat: list[bytes], ready: list[bytes], leased: list[bytes], dead: list[bytes]) -> dict[str, Any]:
    fields = text_hash(flat)
    counters = ("assets", "enqueued", "claimed", "completed", "failed", "redelivered", "stale")
    return {
        "ready": [int(i) for i in ready],
        "leased": {int(i): float(deadline) for i, deadline in zip(leased[::2], leased[1::2], strict=True)},
        "dead": [int(i) for i in dead],
        "state": fields["state"],
        **{name: int(fields.get(name, 0)) for name in counters},
    }


def _job(flat: list[bytes], result: bytes | None) -> tuple[str, int | None, int, int, bytes | None]:
    fields = text_hash(flat) or {"status": "without a record", "queue": "", "attempts": "0"}
    # A finished job keeps the number of the queue that it was in, which the reference does too.
    queue = int(fields["queue"]) if fields["queue"] else None
    return fields["status"], queue, int(fields["attempts"]), int(fields.get("lease") or 0), result
