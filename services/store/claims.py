"""Claims: take jobs under a lease, prolong it, finish the jobs or give them back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.errors import ForesailError
from services.models import ClaimedJob, JobSpec
from services.store.connection import Store
from services.store.records import AGAIN

PIECE = 250
"""Jobs touched by one script: a few milliseconds, so that others are served in between."""
MOST_BYTES = 4 * 2**20
"""Results stored by one script, for the same reason."""
FIELDS = 8
"""What the script tells of each job that it hands out."""


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
    """Take the first `most` jobs for `lease_seconds`; no jobs where none waits. Raises NotFoundError for the queue.

    Many are taken in pieces under one lease; they are fewer where the store, the queue or the lease is lost in between.
    """
    piece = await _claim_piece(store, queue, min(most, PIECE), lease_seconds, run)
    lease, jobs = piece.lease, {job.id: job for job in piece.jobs}
    for _ in range(PIECE, most, PIECE):
        if len(piece.jobs) < PIECE:
            break
        try:
            piece = await _claim_piece(store, queue, min(most - len(jobs), PIECE), lease_seconds, run, lease)
        except ForesailError:
            break
        # After a sleep as long as the lease it has the jobs of the pieces before it again: they are held once.
        jobs |= {job.id: job for job in piece.jobs}
    return Claim(queue, lease, tuple(jobs.values()))


async def renew(store: Store, held: Claim, lease_seconds: float) -> frozenset[int]:
    """Prolong the lease from now on; returns the jobs that it no longer holds."""
    lost: frozenset[int] = frozenset()
    for ids in _pieces(held):
        lost |= _ids(await store.call("renew", held.queue, held.lease, lease_seconds, *ids))
    return lost


async def complete(store: Store, held: Claim, outcomes: Sequence[Outcome], run: int | None = None) -> frozenset[int]:
    """Store results and finish jobs, each in one atomic step; returns those that the lease no longer holds, unchanged.

    Many, or large ones, are finished in pieces: where the store goes away in between, the first are finished.
    """
    stale: frozenset[int] = frozenset()
    for piece in _light_pieces(outcomes):
        words = [word for outcome in piece for word in _words(outcome)]
        stale |= _ids(await store.call("complete", held.queue, held.lease, _word(run), *words))
    return stale


async def release(store: Store, held: Claim, reason: str) -> int:
    """Give the jobs back at once, each to its own place, without counting the attempt; returns how many."""
    return sum([int(await store.call("release", held.queue, held.lease, reason, *ids)) for ids in _pieces(held)])


async def _claim_piece(
    store: Store, queue: int, most: int, lease_seconds: float, run: int | None, lease: int = 0
) -> Claim:
    """Take jobs by one script, under a new lease or, where one is given, under that one."""
    answer = [AGAIN]
    while answer[0] == AGAIN:
        answer = await store.call("claim", queue, most, lease_seconds, _word(run), *([lease] if lease else ()))
    jobs = tuple(_claimed(answer[at : at + FIELDS]) for at in range(1, len(answer), FIELDS))
    return Claim(queue, int(answer[0]), jobs)


def _pieces(held: Claim) -> Iterator[list[int]]:
    """The ids of a claim, at most a piece at a time."""
    ids = [job.id for job in held.jobs]
    return (ids[at : at + PIECE] for at in range(0, len(ids), PIECE))


def _light_pieces(outcomes: Sequence[Outcome]) -> Iterator[list[Outcome]]:
    """The outcomes, at most a piece and, where there are several, at most so many bytes at a time."""
    piece: list[Outcome] = []
    size = 0
    for outcome in outcomes:
        if piece and (len(piece) == PIECE or size + len(outcome.packed) > MOST_BYTES):
            yield piece
            piece, size = [], 0
        piece.append(outcome)
        size += len(outcome.packed)
    if piece:
        yield piece


def _words(outcome: Outcome) -> tuple[int | str | bytes, ...]:
    kind = "failed" if outcome.reason else "done"
    return outcome.job_id, kind, outcome.assets, outcome.reason or outcome.packed


def _claimed(words: Sequence[Any]) -> ClaimedJob:
    """A run unpacks many thousands a second: no detour by text for what is a number."""
    job_id, attempts, created, dataset, assets, model, horizon, priority = words
    indices = tuple(map(int, assets.split(b",")))
    spec = JobSpec(dataset.decode(), indices, model.decode(), int(horizon), int(priority))
    return ClaimedJob(int(job_id), spec, int(attempts), float(created))


def _ids(answer: Sequence[bytes]) -> frozenset[int]:
    return frozenset(int(job_id) for job_id in answer)


def _word(run: int | None) -> int | str:
    return "" if run is None else run
