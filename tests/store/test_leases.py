"""A claim holds its jobs for a limited time; whoever lost the lease can change nothing."""

from dataclasses import replace
from itertools import chain, repeat

import pytest
from redis.exceptions import ResponseError

from services.errors import NotFoundError
from services.models import JobStatus
from services.store import claims, jobs, keys, queues, results
from services.store.connection import Store
from tests.store.conftest import Clock
from tests.store.samples import complete, fail, push, take, waiting

pytestmark = pytest.mark.anyio


async def test_a_claimed_job_is_in_progress_and_not_handed_out_again(store: Store, queue: int, clock: Clock) -> None:
    (job_id,) = await push(store, queue)
    claim, _ = await take(store, queue)
    job = await jobs.get(store, job_id)
    assert (job.status, job.attempts, claim.jobs[0].attempts) == (JobStatus.IN_PROGRESS, 1, 1)
    clock.wait(29)
    assert (await take(store, queue))[1] == []


async def test_at_the_end_of_its_lease_a_job_is_handed_out_again(store: Store, queue: int, clock: Clock) -> None:
    ids = await push(store, queue)
    await take(store, queue)
    clock.wait(30)
    claim, again = await take(store, queue)
    assert (again, claim.jobs[0].attempts) == (ids, 2)
    assert (await queues.get(store, queue)).redelivered == 1


async def test_a_renewed_lease_lasts_from_then_on(store: Store, queue: int, clock: Clock) -> None:
    await push(store, queue)
    claim, _ = await take(store, queue)
    clock.wait(20)
    assert await claims.renew(store, claim, 30) == frozenset()
    clock.wait(29)
    assert (await take(store, queue))[1] == []
    assert await complete(store, claim) == frozenset()


async def test_a_stale_lease_changes_nothing_and_says_so(store: Store, queue: int, clock: Clock) -> None:
    ids = await push(store, queue)
    late, _ = await take(store, queue)
    clock.wait(30)
    prompt, _ = await take(store, queue)
    assert await claims.renew(store, late, 30) == frozenset(ids)
    assert await claims.release(store, late, "late") == 0
    assert await complete(store, late, b"late") == frozenset(ids)
    assert await fail(store, late) == frozenset(ids)
    assert await complete(store, prompt, results.pack(1, (), 0, 1, 0.0)) == frozenset()
    assert await complete(store, late, b"late") == frozenset(ids)
    assert (await results.get(store, ids[0])).horizon == 1
    found = await queues.get(store, queue)
    assert (found.completed, found.failed, found.stale) == (1, 0, 3)


async def test_an_expired_lease_counts_until_somebody_takes_the_jobs(store: Store, queue: int, clock: Clock) -> None:
    await push(store, queue)
    claim, _ = await take(store, queue)
    clock.wait(300)
    assert await complete(store, claim) == frozenset()


async def test_a_job_completed_twice_in_one_batch_counts_once(store: Store, queue: int) -> None:
    (job_id,) = await push(store, queue)
    claim, _ = await take(store, queue)
    twice = [claims.Outcome(job_id, 2, b"one"), claims.Outcome(job_id, 2, b"two")]
    assert await claims.complete(store, claim, twice) == {job_id}
    assert (await queues.get(store, queue)).completed == 1


async def test_jobs_of_a_claim_that_slept_for_a_lease_between_its_pieces_are_held_once(
    store: Store, queue: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "PIECE", 2)
    ids = await push(store, queue, 5)
    times = chain([clock.now], repeat(clock.now + 30))
    store.clock = lambda: next(times)
    claim, held = await take(store, queue, most=6)
    assert held == ids[:4]
    assert await claims.release(store, claim, "stopped") == 4
    assert await waiting(store, queue) == ids


async def test_a_job_released_twice_in_one_batch_is_given_back_once(store: Store, queue: int) -> None:
    ids = await push(store, queue, 3)
    claim, _ = await take(store, queue)
    twice = replace(claim, jobs=(*claim.jobs, claim.jobs[0]))
    assert await claims.release(store, twice, "stopped") == 3
    assert (await jobs.get(store, ids[0])).attempts == 0
    assert await waiting(store, queue) == ids


@pytest.mark.unsound("a job's record has lost its place")
async def test_what_cannot_be_given_back_stays_where_it_is(store: Store, queue: int) -> None:
    ids = await push(store, queue, 3)
    claim, _ = await take(store, queue)
    await store.command("HDEL", keys.job(ids[1]), "score")
    with pytest.raises(ResponseError):
        await claims.release(store, claim, "stopped")
    found = await queues.get(store, queue)
    assert (found.ready, found.leased) == (0, 3)


async def test_released_jobs_are_back_at_once_and_the_attempt_does_not_count(store: Store, queue: int) -> None:
    ids = await push(store, queue, 2)
    for _ in range(5):
        claim, _ = await take(store, queue)
        assert await claims.release(store, claim, "the run was stopped") == 2
    job = await jobs.get(store, ids[0])
    assert (job.status, job.attempts, job.reason, job.position) == (JobStatus.QUEUED, 0, "the run was stopped", 0)
    assert await waiting(store, queue) == ids


@pytest.mark.parametrize("status", [JobStatus.CANCELLED, JobStatus.DONE, JobStatus.FAILED, JobStatus.QUEUED])
async def test_a_status_given_by_hand_voids_the_lease(store: Store, queue: int, status: JobStatus) -> None:
    ids = await push(store, queue)
    claim, _ = await take(store, queue)
    await jobs.set_status(store, ids, status, "by hand")
    assert await complete(store, claim) == frozenset(ids)
    assert (await jobs.get(store, ids[0])).status == status
    with pytest.raises(NotFoundError):
        await results.get(store, ids[0])


async def test_a_job_deleted_under_its_lease_stays_deleted(store: Store, queue: int) -> None:
    gone, kept = await push(store, queue, 2)
    claim, _ = await take(store, queue)
    await jobs.delete(store, [gone])
    assert await claims.renew(store, claim, 30) == {gone}
    assert await complete(store, claim) == {gone}
    assert [job.id for job in await jobs.page(store, "bob", None, 10)] == [kept]


async def test_expired_leases_are_returned_without_a_claim(store: Store, queue: int, clock: Clock) -> None:
    ids = await push(store, queue, 2)
    await take(store, queue)
    assert await queues.reap(store) == 0
    clock.wait(30)
    assert await queues.reap(store) == 2
    assert await waiting(store, queue) == ids


async def test_all_expired_leases_are_returned_by_one_look(store: Store, queue: int, clock: Clock) -> None:
    other = await queues.create(store, "", 2)
    ids = {index: await push(store, index, count) for index, count in ((queue, 250), (other, 120))}
    for index in ids:
        await take(store, index, most=250)
    clock.wait(30)
    assert await queues.reap(store) == 370
    assert {index: await waiting(store, index) for index in ids} == ids
