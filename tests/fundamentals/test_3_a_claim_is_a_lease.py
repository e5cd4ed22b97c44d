"""A claim is a lease: a run that dies gives its jobs back, and one that comes back too late changes nothing."""

import pytest

from services.models import JobSpec, JobStatus
from services.store import claims, jobs, queues, results
from services.store.claims import Outcome
from services.store.connection import Store

pytestmark = pytest.mark.anyio
SPEC = JobSpec("market", (0,), "ols", 10)
PACKED = results.pack(10, (80, 95), 1, 1, 0.0)


async def test_a_silent_run_gives_its_jobs_back_to_their_own_places(store: Store) -> None:
    now = 1000.0
    store.clock = lambda: now
    queue = await queues.create(store, "daily", max_attempts=3)
    first, second = await queues.enqueue(store, queue, "emil", [SPEC, SPEC])
    await claims.claim(store, queue, most=1, lease_seconds=30)

    now += 31  # the run that held the first job was killed: nobody renewed the lease
    held = await claims.claim(store, queue, most=2, lease_seconds=30)
    assert [job.id for job in held.jobs] == [first, second]
    assert held.jobs[0].attempts == 2


async def test_who_comes_back_too_late_changes_nothing(store: Store) -> None:
    now = 1000.0
    store.clock = lambda: now
    queue = await queues.create(store, "daily", max_attempts=3)
    (job,) = await queues.enqueue(store, queue, "emil", [SPEC])
    frozen = await claims.claim(store, queue, most=1, lease_seconds=30)
    now += 31
    successor = await claims.claim(store, queue, most=1, lease_seconds=30)

    # The lease id is a fencing token: the frozen run's completion is refused, the successor's counts.
    assert await claims.complete(store, frozen, [Outcome(job, 1, PACKED + b"late")]) == {job}
    assert (await jobs.get(store, job)).status == JobStatus.IN_PROGRESS
    assert await claims.complete(store, successor, [Outcome(job, 1, PACKED + b"right")]) == frozenset()
    assert (await results.get(store, job)).rows == b"right"
    assert (await queues.get(store, queue)).stale == 1
