"""Statuses given by hand follow the table of legal transitions, for all named jobs or for none."""

import pytest

from services.errors import ConflictError, NotFoundError
from services.models import TRANSITIONS, JobStatus
from services.store import jobs, queues
from services.store.connection import Store
from tests.store.samples import fail, push, spec, take, waiting

pytestmark = pytest.mark.anyio


async def job_that_is(store: Store, queue: int, status: JobStatus) -> int:
    """A job of the queue that has come to this status."""
    (job_id,) = await push(store, queue)
    if status == JobStatus.IN_PROGRESS:
        await take(store, queue)
    elif status == JobStatus.FAILED:
        await fail(store, (await take(store, queue))[0])
    elif status == JobStatus.DONE:
        await take(store, queue)
        await jobs.set_status(store, [job_id], JobStatus.DONE, "")
    elif status == JobStatus.CANCELLED:
        await jobs.set_status(store, [job_id], JobStatus.CANCELLED, "")
    return job_id


@pytest.mark.parametrize("before", JobStatus)
@pytest.mark.parametrize("after", JobStatus)
async def test_only_legal_transitions(store: Store, queue: int, before: JobStatus, after: JobStatus) -> None:
    job_id = await job_that_is(store, queue, before)
    if after in TRANSITIONS[before]:
        await jobs.set_status(store, [job_id], after, "by hand")
        job = await jobs.get(store, job_id)
        assert (job.status, job.reason) == (after, "by hand")
        assert job.queue == (queue if after == JobStatus.QUEUED else None)
    else:
        with pytest.raises(ConflictError, match=f"job {job_id} is {before} and cannot become {after}"):
            await jobs.set_status(store, [job_id], after, "by hand")
        assert (await jobs.get(store, job_id)).status == before


async def test_all_or_none(store: Store, queue: int) -> None:
    done = await job_that_is(store, queue, JobStatus.DONE)
    ids = await push(store, queue, 3)
    for wrong, error in ((999, NotFoundError), (done, ConflictError)):
        with pytest.raises(error):
            await jobs.set_status(store, [*ids, wrong], JobStatus.CANCELLED, "")
    assert {job.status for job in await jobs.get_many(store, ids)} == {JobStatus.QUEUED}


async def test_somebody_elses_job_is_not_found(store: Store, queue: int) -> None:
    ids = await push(store, queue, owner="ann")
    for asked in (jobs.set_status(store, ids, JobStatus.CANCELLED, "", "bob"), jobs.delete(store, ids, "bob")):
        with pytest.raises(NotFoundError, match=f"there is no job {ids[0]}"):
            await asked
    assert await waiting(store, queue) == ids


async def test_a_job_without_a_queue_has_no_place_to_go_back_to(store: Store) -> None:
    job_id = await jobs.create(store, "bob", spec())
    with pytest.raises(ConflictError, match="is in no queue; put it into one"):
        await jobs.set_status(store, [job_id], JobStatus.QUEUED, "")


async def test_deletion_is_all_or_none_and_a_job_may_be_named_twice(store: Store, queue: int) -> None:
    ids = await push(store, queue, 3)
    with pytest.raises(NotFoundError):
        await jobs.delete(store, [*ids, 999])
    assert await waiting(store, queue) == ids
    await jobs.delete(store, [*ids, ids[0]])
    assert (await waiting(store, queue), await jobs.count(store)) == ([], 0)


async def test_a_result_is_stored_only_while_the_job_is_its_creators(store: Store, queue: int) -> None:
    job_id = await jobs.create(store, "bob", spec())
    await queues.requeue(store, queue, [job_id])
    with pytest.raises(ConflictError, match="is queued by now; its forecast was not stored"):
        await jobs.finish(store, job_id, b"late")
    await jobs.delete(store, [job_id])
    with pytest.raises(NotFoundError):
        await jobs.finish(store, job_id, b"later")
