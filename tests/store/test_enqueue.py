"""Jobs pushed into a queue get ids without a gap and wait at its end, all of them or none."""

import pytest

from services.errors import NotFoundError
from services.models import JobStatus
from services.store import jobs, queues
from services.store.connection import Store
from tests.store.samples import push, spec, waiting

pytestmark = pytest.mark.anyio


async def test_a_pushed_job_is_queued_with_all_that_it_asks_for(store: Store, queue: int) -> None:
    wanted = spec(priority=3, assets=7)
    (job_id,) = await queues.enqueue(store, queue, "bob", [wanted])
    job = await jobs.get(store, job_id)
    assert (job.spec, job.owner, job.status, job.queue) == (wanted, "bob", JobStatus.QUEUED, queue)
    assert (job.attempts, job.position, job.reason, job.run) == (0, 0, "", None)


async def test_positions_say_how_many_are_ahead(store: Store, queue: int) -> None:
    ids = await push(store, queue, 3)
    assert [job.position for job in await jobs.get_many(store, ids)] == [0, 1, 2]


async def test_ids_go_on_without_a_gap(store: Store, queue: int) -> None:
    first = await push(store, queue, 3)
    assert await push(store, queue, 2) == [first[-1] + 1, first[-1] + 2]


async def test_no_queue_no_jobs(store: Store) -> None:
    with pytest.raises(NotFoundError, match="there is no queue 7"):
        await push(store, 7, 3)
    assert await jobs.count(store) == 0


async def test_ten_thousand_jobs_keep_their_order(store: Store, queue: int) -> None:
    ids = await push(store, queue, 10_000)
    assert [job.id for _, job in await queues.waiting(store, queue, None, 10_020)] == ids
    assert await jobs.count(store, "bob") == 10_000
    await queues.delete(store, queue)
    assert await jobs.count(store) == 0


async def test_jobs_of_an_owner_are_listed_newest_first(store: Store, queue: int) -> None:
    mine = await push(store, queue, 3, owner="ann")
    await push(store, queue, 2)
    assert [job.id for job in await jobs.page(store, "ann", None, 2)] == mine[:0:-1]
    assert [job.id for job in await jobs.page(store, "ann", mine[1], 2)] == [mine[0]]
    with pytest.raises(NotFoundError):
        await jobs.get(store, mine[0], "bob")


async def test_requeued_jobs_wait_at_the_end(store: Store, queue: int) -> None:
    first, second = await push(store, queue, 2)
    assert (await queues.pull(store, queue)).id == first
    await queues.requeue(store, queue, [first, first])
    assert await waiting(store, queue) == [second, first]
    assert (await queues.get(store, queue)).enqueued == 3


async def test_a_job_created_for_no_queue_can_be_put_into_one(store: Store, queue: int) -> None:
    job_id = await jobs.create(store, "bob", spec())
    await queues.requeue(store, queue, [job_id], "bob")
    assert await waiting(store, queue) == [job_id]
