"""Checks the store's promises about itself: every job is exactly where its status says, and every count is right.

Each look is one transaction, page by page, so that work may go on: what is told was true at one moment.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.models import ACTIVE_RUN, TERMINAL
from services.store import keys, pushes
from services.store.connection import Store
from services.store.records import text_hash

_PAGE = 250
"""Jobs looked at in one transaction, in which nobody else is served: as many as one script touches."""
_PLACES = {"ready": keys.READY, "leased": keys.LEASED, "dead": keys.DEAD}
_WAITING = ("ready", "leased")
_FIELDS = ("status", "queue", "lease", "owner", "score")
_OVER = {keys.FINISHED_JOBS: keys.JOBS, keys.FINISHED_RUNS: keys.RUNS}
"""By list of what is over, the list of all of that kind."""


async def violations(store: Store, most: int = 100, jobs: int | None = None) -> list[str]:
    """Sentences that say what is not as it should be; empty in a sound store.

    Reads all jobs, or the newest `jobs` of them and only queues that hold no more than so many.
    """
    found: list[str] = []
    limit = sys.maxsize if jobs is None else jobs
    before, left = "+inf", limit
    while len(found) < most and left > 0:
        newest = (before, "-inf", "BYSCORE", "REV", "LIMIT", 0, min(_PAGE, left))
        ids = [int(job_id) for job_id in await store.command("ZRANGE", keys.JOBS, *newest)]
        if not ids:
            break
        found += await _check_jobs(store, ids)
        before, left = f"({ids[-1]}", left - len(ids)
    for index in await store.command("ZRANGE", keys.QUEUES, 0, -1):
        if len(found) < most:
            found += await _check_queue(store, int(index), limit)
    return [*found, *await _check_runs(store), *([] if jobs else await _check_over(store))][:most]


async def _check_jobs(store: Store, ids: list[int]) -> list[str]:
    """Looks at each job's record and places at once; a job whose queue changed since it was asked for is let be."""
    queues = [(value or b"").decode() for value in await store.commands([("HGET", keys.job(i), "queue") for i in ids])]
    looks = [part for i, queue in zip(ids, queues, strict=True) for part in _look(i, queue)]
    *answers, pushed = await store.commands([*looks, pushes.UNFINISHED])
    unseen = pushes.unseen(ids, pushed)
    size = len(answers) // len(ids)
    found: list[str] = []
    for n, (job_id, queue) in enumerate(zip(ids, queues, strict=True)):
        fields, listed, has_result, over, *scores = answers[n * size : (n + 1) * size]
        job = dict(zip(_FIELDS, [(value or b"").decode() for value in fields], strict=True))
        if listed is not None and job["queue"] == queue and job_id not in unseen:
            places = [place for place, score in zip(_PLACES, scores, strict=True) if score is not None]
            found += _judge(job_id, job, places, has_result=bool(has_result))
            if job["owner"] and (over is not None) != (job["status"] in TERMINAL and "dead" not in places):
                found.append(f"job {job_id} is {job['status']} and {_listed(over)} among the finished ones")
    return found


def _look(job_id: int, queue: str) -> list[tuple[str | int, ...]]:
    return [
        ("HMGET", keys.job(job_id), *_FIELDS),
        ("ZSCORE", keys.JOBS, job_id),
        ("EXISTS", keys.result(job_id)),
        ("ZSCORE", keys.FINISHED_JOBS, job_id),
        *(("ZSCORE", keys.QUEUE + queue + place, job_id) for place in _PLACES.values()),
    ]


def _judge(job_id: int, job: Mapping[str, str], places: list[str], *, has_result: bool) -> Iterator[str]:
    status, queue = job["status"], job["queue"]
    if not job["owner"]:
        yield f"job {job_id} is listed and has no record"
        return
    place = {"queued": "ready", "failed": "dead", "in progress": "leased"}.get(status)
    expected = [place] if place and queue else []
    if places != expected or (status == "queued" and not queue):
        yield f"job {job_id} ({status}) of queue {queue or 'none'} is in {places}, expected {expected or 'no place'}"
    if bool(job["lease"]) != (expected == ["leased"]):
        yield f"job {job_id} ({status}) of queue {queue or 'none'} has {'a' if job['lease'] else 'no'} lease"
    if expected in (["leased"], ["dead"]) and not job["score"]:
        yield f"job {job_id} ({status}) of queue {queue} has no place to go back to"
    if has_result and status != "done":
        yield f"job {job_id} is {status} and has a result"


async def _check_queue(store: Store, index: int, most: int) -> list[str]:
    """Its run, members without a record, and the counted assets where nothing changed while they were added up."""
    before = await _marks(store, index)
    found = await _check_run(store, index, text_hash(before[1]).get("run", ""))
    if sum(int(count) for count in before[2:]) > most:
        return found
    assets = 0
    for place, suffix in _PLACES.items():
        at = 0
        while ids := await store.command("ZRANGE", keys.QUEUE + str(index) + suffix, at, at + _PAGE - 1):
            lines, total = await _check_members(store, index, place, [int(job_id) for job_id in ids])
            found, assets, at = found + lines, assets + (total if place in _WAITING else 0), at + _PAGE
    after = await _marks(store, index)
    fields = text_hash(after[1])
    if before == after and int(fields.get("assets", 0)) != assets:
        found.append(f"queue {index} counts {fields.get('assets', 0)} assets that wait, and its jobs have {assets}")
    return found


async def _marks(store: Store, index: int) -> Sequence[Any]:
    """What changes with every change of a queue's members."""
    places = [("ZCARD", keys.QUEUE + str(index) + place) for place in _PLACES.values()]
    return await store.commands([("ZSCORE", keys.QUEUES, index), ("HGETALL", keys.queue(index)), *places])


async def _check_members(store: Store, index: int, place: str, ids: list[int]) -> tuple[list[str], int]:
    key = keys.QUEUE + str(index) + _PLACES[place]
    looks = [
        part for i in ids for part in (("ZSCORE", key, i), ("ZSCORE", keys.JOBS, i), ("HGET", keys.job(i), "size"))
    ]
    answers = await store.commands(looks)
    looked = zip(ids, answers[::3], answers[1::3], answers[2::3], strict=True)
    lost = [i for i, member, listed, size in looked if member is not None and (listed is None or size is None)]
    return [f"job {i} is {place} in queue {index} and does not exist" for i in lost], sum(
        int(n or 0) for n in answers[2::3]
    )


async def _check_run(store: Store, index: int, run: str) -> list[str]:
    """The run that holds the queue is an active one of this queue."""
    if not run:
        return []
    held, fields = await store.commands(
        [("HGET", keys.queue(index), "run"), ("HMGET", keys.RUN + run, "queue", "state")]
    )
    queue, state = ((value or b"").decode() for value in fields)
    if (held or b"").decode() != run or (queue == str(index) and state in ACTIVE_RUN):
        return []
    return [f"queue {index} is held by run {run}, which is {state or 'missing'} and of queue {queue or 'none'}"]


async def _check_runs(store: Store) -> list[str]:
    """A run stands among the finished ones exactly when it is over, else among the active ones."""
    found: list[str] = []
    after = 0
    while raw := await store.command("ZRANGE", keys.RUNS, f"({after}", "+inf", "BYSCORE", "LIMIT", 0, _PAGE):
        ids = [int(run) for run in raw]
        looks = [look for run in ids for look in _look_at_run(run)]
        answers = await store.commands(looks)
        for run, state, over, active in zip(ids, answers[::3], answers[1::3], answers[2::3], strict=True):
            if state is not None and (over is not None) == (state.decode() in ACTIVE_RUN):
                found.append(f"run {run} is {state.decode()} and {_listed(over)} among the finished ones")
            if state is not None and bool(active) != (state.decode() in ACTIVE_RUN):
                found.append(f"run {run} is {state.decode()} and {_listed(active or None)} among the active ones")
        after = ids[-1]
    return found


def _look_at_run(run: int) -> list[tuple[str | int, ...]]:
    return [
        ("HGET", keys.run(run), "state"),
        ("ZSCORE", keys.FINISHED_RUNS, run),
        ("SISMEMBER", keys.ACTIVE_RUNS, run),
    ]


async def _check_over(store: Store) -> list[str]:
    """Whatever stands among the finished ones exists."""
    found: list[str] = []
    for over, everything in _OVER.items():
        at = 0
        while ids := await store.command("ZRANGE", over, at, at + _PAGE - 1):
            looks = [look for i in ids for look in (("ZSCORE", over, i), ("ZSCORE", everything, i))]
            answers = await store.commands(looks)
            looked = zip(ids, answers[::2], answers[1::2], strict=True)
            lost = [i for i, member, listed in looked if member is not None and listed is None]
            found += [f"{int(i)} stands in {over} and does not exist" for i in lost]
            at += _PAGE
    return found


def _listed(score: bytes | None) -> str:
    return "does not stand" if score is None else "stands"
