"""A page is short only where nothing follows, whatever is deleted between its ids and its records."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from services.models import RunState
from services.store import jobs, keys, queues, runs
from services.store.connection import Store
from services.store.listing import Place
from services.web.paging import at, place
from tests.store.samples import fail, push, take

pytestmark = pytest.mark.anyio


@pytest.fixture
def deleting(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str, Callable[[int], Any]], None]:
    """The first of the records that are asked for next by a function is deleted just before."""

    def install(module: Any, name: str, delete: Callable[[int], Any]) -> None:
        get_many = getattr(module, name)

        async def without_the_first(of: Store, ids: Sequence[int]) -> Any:
            monkeypatch.setattr(module, name, get_many)
            await delete(ids[0])
            return await get_many(of, ids)

        monkeypatch.setattr(module, name, without_the_first)

    return install


async def test_jobs(store: Store, queue: int, deleting: Any) -> None:
    ids = await push(store, queue, 5)
    deleting(jobs, "get_many", lambda job_id: jobs.delete(store, [job_id]))
    assert [job.id for job in await jobs.page(store, "bob", None, 3)] == [ids[3], ids[2], ids[1]]
    assert [job.id for job in await jobs.page(store, "bob", ids[1], 3)] == [ids[0]]


async def test_waiting_jobs(store: Store, queue: int, deleting: Any) -> None:
    await push(store, queue, 5)
    deleting(jobs, "get_many", lambda job_id: jobs.delete(store, [job_id]))
    assert len(await queues.waiting(store, queue, None, 3)) == 3


async def test_dead_letters(store: Store, queue: int, deleting: Any) -> None:
    await push(store, queue, 5)
    await fail(store, (await take(store, queue))[0])
    deleting(jobs, "get_many", lambda job_id: jobs.delete(store, [job_id]))
    assert len(await queues.dead_letters(store, queue, None, 3)) == 3


async def test_queues(store: Store, deleting: Any) -> None:
    indices = [await queues.create(store, "", 3) for _ in range(5)]
    deleting(queues, "get_many", lambda index: queues.delete(store, index))
    assert [queue.index for queue in await queues.page(store, 0, 3)] == indices[1:4]


async def test_runs(store: Store, queue: int, deleting: Any) -> None:
    started = []
    for _ in range(5):
        started.append(await runs.start(store, queue, "bob", 1, 30))
        await runs.end(store, started[-1], RunState.DONE)
    deleting(runs, "get_many", lambda _: store.call("sweep_runs", 0, 1))
    assert [run.id for run in await runs.page(store, None, 5)] == started[:0:-1]


@pytest.mark.unsound("a record is missing though its id is listed")
async def test_a_record_that_is_missing_holds_nobody_up(store: Store, queue: int) -> None:
    ids = await push(store, queue, 3)
    await store.command("DEL", keys.job(ids[1]))
    assert [job.id for job in await jobs.page(store, "bob", None, 2)] == [ids[2], ids[0]]
    ((first, _),) = await queues.waiting(store, queue, None, 1)
    assert [job.id for _, job in await queues.waiting(store, queue, first, 1)] == [ids[2]]


async def test_what_leaves_the_head_of_a_list_hides_nothing_that_stays(store: Store, queue: int) -> None:
    ids = await push(store, queue, 30)
    read = await queues.waiting(store, queue, None, 10)
    await take(store, queue, 10)
    read += await queues.waiting(store, queue, read[-1][0], 30)
    assert [job.id for _, job in read] == ids


async def test_dead_letters_of_one_moment_are_read_page_by_page(store: Store, queue: int) -> None:
    ids = await push(store, queue, 12)
    await fail(store, (await take(store, queue))[0])
    after: Place | None = None
    read: list[int] = []
    while page := await queues.dead_letters(store, queue, after, 5):
        after = place(at(page[-1][0]))
        read += [job.id for _, job in page]
    assert sorted(read) == ids
