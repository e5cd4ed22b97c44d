"""What is over is deleted when its days have passed, with all that mentions it, and nothing else ever is."""

import pytest

from services.config import RetentionSettings
from services.errors import NotFoundError
from services.models import JobStatus, RunState
from services.store import claims, jobs, keys, queues, results, retention, runs
from services.store.connection import Store
from tests.store.conftest import Clock
from tests.store.samples import complete, dead, fail, push, spec, take

pytestmark = pytest.mark.anyio
DAY = 24 * 3600
SETTINGS = RetentionSettings(finished_days=10, dead_letter_days=20, run_days=30)
FOR_EVER = RetentionSettings(finished_days=0, dead_letter_days=0, run_days=0)


async def left(store: Store) -> list[int]:
    return sorted(job.id for job in await jobs.page(store, "", None, 1000))


async def test_jobs_that_are_over_go_with_their_results(store: Store, queue: int, clock: Clock) -> None:
    done, waiting, cancelled = await push(store, queue, 3)
    await complete(store, (await take(store, queue, 1))[0], results.pack(1, (), 0, 1, 0.0))
    await jobs.set_status(store, [cancelled], JobStatus.CANCELLED, "")
    alone, failed, going_on = [await jobs.create(store, "ann", spec()) for _ in range(3)]
    await jobs.finish(store, alone, b"result")
    await jobs.set_status(store, [failed], JobStatus.FAILED, "")
    clock.wait(10 * DAY - 1)
    assert await retention.sweep(store, SETTINGS) == 0
    clock.wait(1)
    assert await retention.sweep(store, SETTINGS) == 4
    assert await left(store) == [waiting, going_on]
    assert (await jobs.count(store, "bob"), await jobs.count(store, "ann")) == (1, 1)
    for job in (done, alone):
        with pytest.raises(NotFoundError):
            await results.get(store, job)
    clock.wait(1000 * DAY)
    assert await retention.sweep(store, SETTINGS) == 0


async def test_a_job_that_is_pushed_again_is_not_over(store: Store, queue: int, clock: Clock) -> None:
    job = await jobs.create(store, "bob", spec())
    await jobs.set_status(store, [job], JobStatus.FAILED, "")
    await queues.requeue(store, queue, [job])
    clock.wait(1000 * DAY)
    assert await retention.sweep(store, SETTINGS) == 0
    await jobs.set_status(store, [job], JobStatus.CANCELLED, "")
    clock.wait(10 * DAY)
    assert await retention.sweep(store, SETTINGS) == 1


async def test_dead_letters_have_their_own_time_which_begins_with_their_death(
    store: Store, queue: int, clock: Clock
) -> None:
    first, second = await push(store, queue, 2)
    await fail(store, (await take(store, queue, 1))[0])
    clock.wait(DAY)
    await fail(store, (await take(store, queue, 1))[0])
    clock.wait(19 * DAY)
    assert await retention.sweep(store, SETTINGS) == 1
    assert (await dead(store, queue), await left(store)) == ([second], [second])
    assert first not in await left(store)
    await queues.redrive(store, queue)
    clock.wait(1000 * DAY)
    assert await retention.sweep(store, SETTINGS) == 0


async def finished_run(store: Store, queue: int, count: int) -> tuple[int, list[int]]:
    """A run that finished jobs, one after the other, and they."""
    run = await runs.start(store, queue, "bob", 2, 30)
    await runs.begin(store, run, ["here"], "program")
    ids = await push(store, queue, count)
    for _ in ids:
        claim = await claims.claim(store, queue, 1, 30, run)
        await claims.complete(store, claim, [claims.Outcome(claim.jobs[0].id, 2, b"result")], run)
    await runs.end(store, run, RunState.DONE)
    return run, ids


async def test_a_runs_list_of_jobs_follows(store: Store, queue: int, clock: Clock) -> None:
    run, ids = await finished_run(store, queue, 3)
    clock.wait(DAY)
    other, others = await finished_run(store, queue, 2)
    await jobs.delete(store, [ids[1]])
    clock.wait(9 * DAY)
    assert await retention.sweep(store, SETTINGS) == 2
    assert await runs.finished_jobs(store, run, 0, 10) == []
    assert await runs.finished_jobs(store, other, 0, 10) == others


async def test_runs_go_when_they_have_been_over_for_long(store: Store, queue: int, clock: Clock) -> None:
    run, _ = await finished_run(store, queue, 1)
    active = await runs.start(store, queue, "bob", 2, 30)
    clock.wait(30 * DAY)
    assert await retention.sweep(store, SETTINGS) == 2
    assert [each.id for each in await runs.page(store, None, 10)] == [active]
    assert await store.command("EXISTS", keys.run(run), keys.run_jobs(run)) == 0
    assert (await runs.totals(store))[RunState.DONE][0] == 1


async def test_no_days_are_for_ever(store: Store, queue: int, clock: Clock) -> None:
    await finished_run(store, queue, 1)
    await push(store, queue)
    await fail(store, (await take(store, queue))[0])
    clock.wait(100_000 * DAY)
    assert await retention.sweep(store, FOR_EVER) == 0
    assert await retention.sweep(store, SETTINGS) == 3


async def test_a_sweep_works_in_pieces_and_leaves_the_rest_to_the_next(
    store: Store, queue: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PIECE", 2)
    monkeypatch.setattr(retention, "MOST_PIECES", 3)
    await push(store, queue, 11)
    await complete(store, (await take(store, queue))[0])
    clock.wait(10 * DAY)
    assert [await retention.sweep(store, SETTINGS) for _ in range(3)] == [6, 5, 0]
    assert await left(store) == []
