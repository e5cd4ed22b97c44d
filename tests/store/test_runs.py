"""At most one run drains a queue; it reports progress, can be asked to stop, and a silent one is ended."""

import pytest

from services.errors import ConflictError, NotFoundError
from services.models import JobStatus, RunState
from services.store import claims, jobs, queues, runs
from services.store.connection import Store
from tests.store.conftest import Clock
from tests.store.samples import push, take

pytestmark = pytest.mark.anyio
SILENCE = 30


async def begun(store: Store, queue: int) -> int:
    run = await runs.start(store, queue, "bob", 2, SILENCE)
    await runs.begin(store, run, ["one", "two"], "program")
    return run


async def test_a_run_begins_with_all_that_waits(store: Store, queue: int) -> None:
    await push(store, queue, 3)
    await take(store, queue, 1)
    run = await runs.start(store, queue, "bob", 2, SILENCE)
    assert (await runs.get(store, run)).state == RunState.PENDING
    assert await runs.begin(store, run, ["one", "two"], "program") == 3
    found = await runs.get(store, run)
    assert (found.state, found.hosts, found.jobs_total, found.assets_total) == (RunState.RUNNING, ("one", "two"), 3, 6)
    assert (await queues.get(store, queue)).run == run
    with pytest.raises(ConflictError, match=f"run {run} is running"):
        await runs.begin(store, run, [], "another")


async def test_one_run_a_queue(store: Store, queue: int) -> None:
    run = await begun(store, queue)
    with pytest.raises(ConflictError, match=f"run {run} drains queue {queue}"):
        await runs.start(store, queue, "bob", 2, SILENCE)
    other = await queues.create(store, "", 3)
    await runs.start(store, other, "bob", 2, SILENCE)
    assert await runs.end(store, run, RunState.DONE)
    await runs.start(store, queue, "bob", 2, SILENCE)


async def test_a_silent_run_is_ended_by_the_next_one(store: Store, queue: int, clock: Clock) -> None:
    silent = await begun(store, queue)
    clock.wait(SILENCE - 1)
    assert await runs.beat(store, silent) == "go"
    clock.wait(SILENCE - 1)
    with pytest.raises(ConflictError):
        await runs.start(store, queue, "bob", 2, SILENCE)
    clock.wait(1)
    successor = await runs.start(store, queue, "bob", 2, SILENCE)
    assert await runs.beat(store, silent) == "lost"
    found = await runs.get(store, silent)
    assert (found.state, found.finished) == (RunState.FAILED, clock.now)
    assert "silent" in found.reason
    assert (await runs.totals(store))[RunState.FAILED] == (1, 2 * SILENCE - 1)
    assert not await runs.end(store, silent, RunState.DONE)
    assert (await queues.get(store, queue)).run == successor


async def test_progress_counts_jobs_and_assets(store: Store, queue: int) -> None:
    ids = await push(store, queue, 3)
    run = await begun(store, queue)
    claim = await claims.claim(store, queue, 3, 30, run)
    outcomes = [
        claims.Outcome(ids[0], 2, b"x"),
        claims.Outcome(ids[1], 2, b"x"),
        claims.Outcome(ids[2], 2, reason="no"),
    ]
    await claims.complete(store, claim, outcomes, run)
    await claims.complete(store, claim, outcomes, run)
    found = await runs.get(store, run)
    assert (found.jobs_done, found.jobs_failed, found.assets_done) == (2, 1, 6)
    assert await runs.finished_jobs(store, run, 0, 10) == ids[:2]
    assert await runs.finished_jobs(store, run, 1, 10) == ids[1:2]


async def test_a_run_whose_record_is_gone_leaves_nothing_of_it(store: Store, queue: int) -> None:
    """It outlived a restore, and completes what it has before it hears of that."""
    ids = await push(store, queue)
    claim, _ = await take(store, queue)
    assert await claims.complete(store, claim, [claims.Outcome(ids[0], 2, b"x")], 7) == frozenset()
    assert (await jobs.get(store, ids[0])).status == JobStatus.DONE
    with pytest.raises(NotFoundError):
        await runs.get(store, 7)


async def test_a_run_is_asked_to_stop_and_hears_it_at_its_next_heartbeat(store: Store, queue: int) -> None:
    run = await begun(store, queue)
    assert await runs.beat(store, run) == "go"
    await runs.request_stop(store, run)
    assert await runs.beat(store, run) == "stop"
    assert (await runs.get(store, run)).stop_requested
    assert await runs.end(store, run, RunState.STOPPED, "asked to")
    assert not await runs.end(store, run, RunState.DONE)
    assert (await runs.get(store, run)).state == RunState.STOPPED
    with pytest.raises(ConflictError, match=f"run {run} is stopped already"):
        await runs.request_stop(store, run)


async def test_runs_are_listed_newest_first(store: Store, queue: int) -> None:
    first = await begun(store, queue)
    await runs.end(store, first, RunState.DONE)
    second = await begun(store, queue)
    assert [run.id for run in await runs.page(store, None, 10)] == [second, first]
    assert [run.id for run in await runs.page(store, second, 10)] == [first]


async def test_a_program_whose_answer_was_lost_may_begin_again_and_no_other(store: Store, queue: int) -> None:
    await push(store, queue, 3)
    run = await runs.start(store, queue, "bob", 2, SILENCE)
    assert [await runs.begin(store, run, ["one"], "mine") for _ in range(2)] == [3, 3]
    for word in ("another's", ""):
        with pytest.raises(ConflictError, match=f"run {run} is running"):
            await runs.begin(store, run, ["two"], word)
    await runs.end(store, run, RunState.DONE)
    with pytest.raises(ConflictError, match=f"run {run} is done"):
        await runs.begin(store, run, ["one"], "mine")
    assert (await runs.get(store, run)).hosts == ("one",)


async def test_no_run(store: Store) -> None:
    for asked in (runs.get(store, 7), runs.begin(store, 7, [], "program"), runs.request_stop(store, 7)):
        with pytest.raises(NotFoundError, match="there is no run 7"):
            await asked
    assert await runs.beat(store, 7) == "lost"
    assert not await runs.end(store, 7, RunState.DONE)


async def test_a_run_counts_what_is_pushed_while_it_goes_on(store: Store, queue: int) -> None:
    await push(store, queue, 2)
    run = await begun(store, queue)
    claim, first = await take(store, queue, 2)
    await push(store, queue, 3)
    outcomes = [claims.Outcome(first[0], 2, b"result"), claims.Outcome(first[1], 2, b"result")]
    await claims.complete(store, claim, outcomes, run)
    found = await runs.get(store, run)
    assert (found.jobs_done, found.jobs_total, found.assets_done, found.assets_total) == (2, 5, 4, 10)


async def test_a_run_that_was_heard_of_since_is_not_silent(store: Store, queue: int, clock: Clock) -> None:
    run = await begun(store, queue)
    seen = await runs.get(store, run)
    clock.wait(1)
    await runs.beat(store, run)
    assert not await runs.end_silent(store, seen, "silent")
    assert await runs.active(store) == [await runs.get(store, run)]
    assert await runs.end_silent(store, await runs.get(store, run), "silent")
    assert await runs.active(store) == []
    assert not await runs.end_silent(store, seen, "silent")
