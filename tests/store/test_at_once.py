"""A job that is calculated at once does not stay in progress for ever when its service is killed."""

import pytest

from services.errors import ConflictError
from services.models import JobStatus
from services.store import jobs, keys, queues
from services.store.connection import Store
from tests.store.conftest import Clock
from tests.store.samples import spec

pytestmark = pytest.mark.anyio


async def statuses(store: Store, *ids: int) -> list[JobStatus]:
    return [job.status for job in await jobs.get_many(store, ids)]


async def test_a_job_that_nobody_goes_on_with_has_failed(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_PIECE", 2)
    older = [await jobs.create(store, "bob", spec()) for _ in range(5)]
    clock.wait(1)
    newer = await jobs.create(store, "bob", spec())
    clock.wait(jobs.AT_ONCE_SECONDS - 1)
    await jobs.fail_lost(store)
    assert await statuses(store, *older, newer) == [JobStatus.FAILED] * 5 + [JobStatus.IN_PROGRESS]
    assert (await jobs.get(store, older[0])).reason == "the service that calculated it was killed; submit it again"
    with pytest.raises(ConflictError, match="failed by now"):
        await jobs.finish(store, older[0], b"result")
    await jobs.finish(store, newer, b"result")
    assert await store.command("EXISTS", keys.AT_ONCE) == 0


async def test_what_has_become_of_others_stays(store: Store, queue: int, clock: Clock) -> None:
    done, cancelled, deleted, waiting, pulled = [await jobs.create(store, "bob", spec()) for _ in range(5)]
    await jobs.finish(store, done, b"result")
    await jobs.set_status(store, [cancelled], JobStatus.CANCELLED, "")
    await jobs.delete(store, [deleted])
    await queues.requeue(store, queue, [pulled, waiting])
    await queues.pull(store, queue)
    clock.wait(jobs.AT_ONCE_SECONDS)
    await jobs.fail_lost(store)
    found = await statuses(store, done, cancelled, deleted, waiting, pulled)
    assert found == [JobStatus.DONE, JobStatus.CANCELLED, JobStatus.QUEUED, JobStatus.IN_PROGRESS]
    assert await store.command("EXISTS", keys.AT_ONCE) == 0
