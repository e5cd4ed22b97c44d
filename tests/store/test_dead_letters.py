"""A job whose attempts are spent, or that is impossible, is dead-lettered with its reason, and can be redriven."""

import pytest

from services.errors import NotFoundError
from services.models import JobStatus
from services.store import jobs, queues
from services.store.connection import Store
from tests.store.conftest import Clock
from tests.store.samples import complete, dead, fail, push, take, waiting

pytestmark = pytest.mark.anyio


async def test_spent_attempts_end_among_the_dead_letters(store: Store, queue: int, clock: Clock) -> None:
    ids = await push(store, queue)
    for _ in range(2):
        assert (await take(store, queue))[1] == ids
        clock.wait(30)
    assert (await take(store, queue))[1] == []
    ((_, job),) = await queues.dead_letters(store, queue, None, 10)
    assert (job.id, job.status, job.attempts) == (ids[0], JobStatus.FAILED, 2)
    assert job.reason == "attempts spent: its lease ran out in attempt 2 of 2"


async def test_an_impossible_job_dies_at_once_and_its_batch_goes_on(store: Store, queue: int) -> None:
    bad, _ = await push(store, queue, 2)
    claim, _ = await take(store, queue, 1)
    await fail(store, claim, "market has no asset 100")
    assert await complete(store, (await take(store, queue))[0]) == frozenset()
    assert await dead(store, queue) == [bad]
    assert (await jobs.get(store, bad)).reason == "market has no asset 100"
    found = await queues.get(store, queue)
    assert (found.completed, found.failed, found.dead, found.ready, found.leased) == (1, 1, 1, 0, 0)


async def test_redriven_jobs_have_their_places_and_fresh_attempts(store: Store, queue: int, clock: Clock) -> None:
    first, second = await push(store, queue, 2)
    third, fourth = await push(store, queue, 2)
    for job_id in (first, second):
        claim, taken = await take(store, queue, 1)
        assert taken == [job_id]
        await fail(store, claim)
        clock.wait(1)
    assert await dead(store, queue) == [first, second]
    assert await queues.redrive(store, queue) == 2
    assert await waiting(store, queue) == [first, second, third, fourth]
    assert [job.attempts for job in await jobs.get_many(store, [first, second])] == [0, 0]
    assert await queues.redrive(store, queue) == 0


async def test_redriving_takes_the_dead_letters_of_now_in_pieces(
    store: Store, queue: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "_PIECE", 2)
    ids = await push(store, queue, 5)
    await fail(store, (await take(store, queue))[0])
    assert await queues.redrive(store, queue) == 5
    assert await waiting(store, queue) == ids


async def test_one_dead_letter_can_be_given_its_place_back_by_hand(store: Store, queue: int) -> None:
    first, second, third = await push(store, queue, 3)
    await fail(store, (await take(store, queue, 2))[0])
    await jobs.set_status(store, [second], JobStatus.QUEUED, "try again")
    assert (await waiting(store, queue), await dead(store, queue)) == ([second, third], [first])


async def test_no_queue_no_dead_letters(store: Store) -> None:
    for asked in (
        queues.redrive(store, 7),
        queues.dead_letters(store, 7, None, 10),
        queues.waiting(store, 7, None, 10),
    ):
        with pytest.raises(NotFoundError, match="there is no queue 7"):
            await asked


async def test_redriving_none_takes_none(store: Store, queue: int) -> None:
    """One may die between the count and the script."""
    (job_id,) = await push(store, queue)
    await fail(store, (await take(store, queue))[0])
    assert int(await store.call("redrive", queue, 0)) == 0
    assert await dead(store, queue) == [job_id]
