"""Queues are created once, pause and resume, hand single jobs to people, and can be purged."""

import pytest

from services.errors import ConflictError, NotFoundError
from services.models import JobStatus, QueueState
from services.store import jobs, queues
from services.store.connection import Store
from tests.store.conftest import Clock
from tests.store.samples import push, spec, take, waiting

pytestmark = pytest.mark.anyio


async def test_queues_have_an_index_a_name_and_a_policy(store: Store, queue: int) -> None:
    second = await queues.create(store, "", 5)
    found = await queues.page(store, 0, 10)
    assert [(q.index, q.name, q.max_attempts) for q in found] == [(queue, "first", 2), (second, f"queue-{second}", 5)]
    assert [q.index for q in await queues.page(store, queue, 10)] == [second]


async def test_a_name_is_taken_once(store: Store, queue: int) -> None:
    with pytest.raises(ConflictError, match=f"queue {queue} has the name first"):
        await queues.create(store, "first", 2)


async def test_a_name_given_by_itself_is_free(store: Store, queue: int) -> None:
    await queues.create(store, f"queue-{queue + 2}", 3)
    assert await queues.create(store, "", 3) == queue + 2
    assert len({q.name for q in await queues.page(store, 0, 10)}) == 3


async def test_depth_and_age_of_a_queue(store: Store, queue: int, clock: Clock) -> None:
    pushed = clock.now
    await push(store, queue, 3)
    clock.wait(60)
    await push(store, queue)
    await take(store, queue, 1)
    found = await queues.get(store, queue)
    assert (found.ready, found.leased, found.oldest, found.enqueued, found.claimed) == (3, 1, pushed, 4, 1)


async def test_a_paused_queue_takes_jobs_and_hands_none_out(store: Store, queue: int) -> None:
    await queues.set_state(store, queue, QueueState.PAUSED)
    ids = await push(store, queue)
    assert (await take(store, queue))[1] == []
    with pytest.raises(ConflictError, match="is paused; resume it first"):
        await queues.pull(store, queue)
    await queues.set_state(store, queue, QueueState.OPEN)
    assert (await take(store, queue))[1] == ids


async def test_expired_leases_come_back_in_a_paused_queue_too(store: Store, queue: int, clock: Clock) -> None:
    ids = await push(store, queue)
    await take(store, queue)
    await queues.set_state(store, queue, QueueState.PAUSED)
    clock.wait(30)
    assert (await take(store, queue))[1] == []
    assert await waiting(store, queue) == ids


async def test_a_pulled_job_is_a_persons(store: Store, queue: int, clock: Clock) -> None:
    first, second = await push(store, queue, 2)
    job = await queues.pull(store, queue)
    assert (job.id, job.status, job.queue, job.position) == (first, JobStatus.IN_PROGRESS, None, None)
    clock.wait(1000)
    assert (await take(store, queue))[1] == [second]
    await jobs.finish(store, first, b"by hand")
    assert (await jobs.get(store, first)).status == JobStatus.DONE


async def test_nothing_to_pull(store: Store, queue: int) -> None:
    with pytest.raises(NotFoundError, match=f"nothing waits in queue {queue}"):
        await queues.pull(store, queue)


async def test_a_purge_deletes_what_waits_and_nothing_else(store: Store, queue: int) -> None:
    ids = await push(store, queue, 5)
    await take(store, queue, 2)
    assert await queues.purge(store, queue) == 3
    assert [job.id for job in await jobs.get_many(store, ids)] == ids[:2]
    assert await queues.purge(store, queue) == 0


async def test_a_long_purge_spares_what_is_pushed_meanwhile(store: Store, queue: int) -> None:
    old = await jobs.create(store, "bob", spec(priority=9))
    await push(store, queue, 4)
    deleted, place = await store.call("purge", queue, 2, 4, "-inf")
    await queues.requeue(store, queue, [old])
    new = await push(store, queue, 1, priority=9)
    while place:
        more, place = await store.call("purge", queue, 2, 4, place)
        deleted += more
    assert (deleted, await waiting(store, queue)) == (4, [old, *new])


async def test_a_purge_goes_on_behind_jobs_that_it_spares(store: Store, queue: int) -> None:
    await push(store, queue, 1)
    new = await push(store, queue, 3, priority=9)
    deleted, place = await store.call("purge", queue, 2, 1, "-inf")
    assert (deleted, place) == (0, b"(%d" % (2 + 1))
    assert (await store.call("purge", queue, 2, 1, place))[0] == 1
    assert await waiting(store, queue) == new


@pytest.mark.parametrize("place", ["queued", "leased", "finished"])
async def test_only_jobs_in_no_queue_can_be_put_into_one(store: Store, queue: int, place: str) -> None:
    ids = await push(store, queue)
    if place != "queued":
        await take(store, queue)
    if place == "finished":
        await jobs.set_status(store, ids, JobStatus.DONE, "")
    free = await jobs.create(store, "bob", spec())
    with pytest.raises(ConflictError, match=f"job {ids[0]} is "):
        await queues.requeue(store, queue, [free, *ids])
    assert (await jobs.get(store, free)).queue is None
    with pytest.raises(NotFoundError):
        await queues.requeue(store, queue, [free], "ann")


async def test_no_queue(store: Store) -> None:
    for asked in (queues.get(store, 7), queues.purge(store, 7), queues.pull(store, 7), queues.delete(store, 7)):
        with pytest.raises(NotFoundError, match="there is no queue 7"):
            await asked
