"""A deleted queue is gone at once with the jobs in it, its index is never used again, and a cut-off deletion ends."""

from typing import Any

import pytest

from services.errors import ConflictError, NotFoundError
from services.models import JobStatus
from services.store import claims, jobs, keys, queues, results, runs
from services.store.connection import Store
from tests.store.samples import complete, fail, push, take

pytestmark = pytest.mark.anyio


async def test_its_jobs_go_with_it_and_finished_ones_stay(store: Store, queue: int) -> None:
    done, failed, claimed, waiting = await push(store, queue, 4)
    await complete(store, (await take(store, queue, 1))[0], results.pack(1, (), 0, 1, 0.0))
    await fail(store, (await take(store, queue, 1))[0])
    await take(store, queue, 1)
    await queues.delete(store, queue)
    assert [job.id for job in await jobs.get_many(store, [done, failed, claimed, waiting])] == [done]
    assert (await results.get(store, done)).horizon == 1
    await jobs.delete(store, [done])
    with pytest.raises(NotFoundError):
        await results.get(store, done)


async def test_index_never_used_again_but_the_name_is_free(store: Store, queue: int) -> None:
    await queues.delete(store, queue)
    assert await queues.create(store, "first", 2) == queue + 1


async def cut_off(store: Store, queue: int) -> None:
    """The first piece of a deletion, after which its process dies."""
    assert await store.call("delete_queue", queue, 2) == 1


async def test_a_deletion_that_another_replica_finishes_succeeds(
    store: Store, queue: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = store.call

    async def call_and_let_another_tidy(name: str, *words: Any) -> Any:
        answer = await call(name, *words)
        monkeypatch.setattr(store, "call", call)
        await queues.tidy(store)
        return answer

    monkeypatch.setattr(queues, "_PIECE", 2)
    await push(store, queue, 5)
    monkeypatch.setattr(store, "call", call_and_let_another_tidy)
    await queues.delete(store, queue)
    assert await jobs.count(store) == 0


async def test_a_deletion_that_was_cut_off_is_finished(store: Store, queue: int) -> None:
    await push(store, queue, 5)
    await cut_off(store, queue)
    with pytest.raises(NotFoundError):
        await queues.get(store, queue)
    assert await queues.page(store, 0, 10) == []
    await queues.tidy(store)
    assert await jobs.count(store) == 0
    assert await store.command("KEYS", keys.queue(queue) + "*") == []


async def test_a_lease_is_void_in_the_middle_of_a_deletion(store: Store, queue: int) -> None:
    ids = await push(store, queue, 5)
    claim, _ = await take(store, queue)
    await cut_off(store, queue)
    assert await complete(store, claim) == await claims.renew(store, claim, 30) == frozenset(ids)
    assert await fail(store, claim) == frozenset(ids)
    assert await claims.release(store, claim, "") == 0
    await queues.tidy(store)
    assert await complete(store, claim) == frozenset(ids)
    assert (await jobs.count(store), await store.command("KEYS", "*:queue:*")) == (0, [])


async def test_no_job_escapes_from_a_deletion(store: Store, queue: int) -> None:
    ids = await push(store, queue, 5)
    await cut_off(store, queue)
    with pytest.raises(NotFoundError):
        await jobs.set_status(store, [ids[-1]], JobStatus.CANCELLED, "")
    with pytest.raises(NotFoundError):
        await queues.pull(store, queue)
    await queues.tidy(store)
    assert await jobs.count(store) == 0


async def test_its_run_is_asked_to_stop(store: Store, queue: int) -> None:
    run = await runs.start(store, queue, "bob", 2, 30)
    await runs.begin(store, run, ["host"], "program")
    await queues.delete(store, queue)
    assert await runs.beat(store, run) == "stop"
    with pytest.raises(ConflictError):
        await runs.begin(store, run, ["host"], "another")
    with pytest.raises(NotFoundError):
        await runs.start(store, queue, "bob", 2, 30)
