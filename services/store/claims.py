"""Claims: take jobs under a lease, prolong it, finish the jobs or give them back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.models import ClaimedJob, JobSpec
from services.store.connection import Store
from services.store.records import AGAIN

_FIELDS = 7


@dataclass(frozen=True, slots=True)
class Claim:
    """Jobs handed out under one lease, first come first; the lease id is a fencing token."""

    queue: int
    lease: int
    jobs: tuple[ClaimedJob, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a claimed job: its packed result, or the reason why it is impossible."""

    job_id: int
    assets: int
    packed: bytes = b""
    reason: str = ""


async def claim(store: Store, queue: int, most: int, lease_seconds: float, run: int | None = None) -> Claim:
    """Take the first `most` jobs for `lease_seconds`; no jobs where none waits. Raises NotFoundError for the queue."""
    answer = [AGAIN]
    while answer[0] == AGAIN:
        answer = await store.call("claim", queue, most, lease_seconds, _word(run))
    jobs = tuple(_claimed(answer[at : at + _FIELDS]) for at in range(1, len(answer), _FIELDS))
    return Claim(queue, int(answer[0]), jobs)


async def renew(store: Store, held: Claim, lease_seconds: float) -> frozenset[int]:
    """Prolong the lease from now on; returns the jobs that it no longer holds."""
    ids = [job.id for job in held.jobs]
    return _ids(await store.call("renew", held.queue, held.lease, lease_seconds, *ids))


async def complete(store: Store, held: Claim, outcomes: Sequence[Outcome], run: int | None = None) -> frozenset[int]:
    """Store results and finish jobs in one atomic step; returns those that the lease no longer holds, unchanged."""
    words: list[int | str | bytes] = []
    for outcome in outcomes:
        words += (outcome.job_id, "failed" if outcome.reason else "done", outcome.assets)
        words.append(outcome.reason or outcome.packed)
    return _ids(await store.call("complete", held.queue, held.lease, _word(run), *words))


async def release(store: Store, held: Claim, reason: str) -> int:
    """Give the jobs back at once, each to its own place, without counting the attempt; returns how many."""
    return int(await store.call("release", held.queue, held.lease, reason, *[job.id for job in held.jobs]))


def _claimed(words: Sequence[Any]) -> ClaimedJob:
    """A run unpacks many thousands a second: no detour by text for what is a number."""
    job_id, attempts, dataset, assets, model, horizon, priority = words
    indices = tuple(map(int, assets.split(b",")))
    spec = JobSpec(dataset.decode(), indices, model.decode(), int(horizon), int(priority))
    return ClaimedJob(int(job_id), spec, int(attempts))


def _ids(answer: Sequence[bytes]) -> frozenset[int]:
    return frozenset(int(job_id) for job_id in answer)


def _word(run: int | None) -> int | str:
    return "" if run is None else run
