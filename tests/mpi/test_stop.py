"""A run that is to stop gives its jobs back at once; one that cannot start says why."""

import os
import signal

import pytest

from services.models import JobStatus, QueueState, Run, RunState
from services.store import claims, jobs, queues, runs
from services.store.connection import Store
from tests.mpi.program import Program, Start, gone
from tests.mpi.work import (
    SMALL_BATCHES,
    assert_each_done_once,
    costly,
    costly_dataset,
    filled,
    half_way,
    mixed,
    only_run,
)
from tests.waiting import wait_until_async

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]
STOPPED = 3
FAR_TOO_LONG = 2000
"""Jobs that no run finishes before its next heartbeat."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_to_mpiexec_gives_the_jobs_back_at_once(
    store: Store, start: Start, number: signal.Signals
) -> None:
    queue, ids = await filled(store, costly())
    long_lease = {**SMALL_BATCHES, "FORESAIL_QUEUE_LEASE_SECONDS": "3600"}
    async with start(["--queue", str(queue)], settings=long_lease) as program:
        await half_way(store)
        program.mpiexec.send_signal(number)
        run = await stopped(store, program, queue, ids)
    assert run.reason == "stopped by a signal"
    async with start(["--queue", str(queue)]) as program:
        assert await program.ended() == 0, program.text()
    await assert_each_done_once(store, queue, ids, [run.id, await only_run(store)])


async def test_a_batch_that_takes_long_is_not_waited_for(store: Store, start: Start) -> None:
    queue, ids = await filled(store, await costly_dataset(store, 20))
    long_lease = {"FORESAIL_QUEUE_LEASE_SECONDS": "3600"}
    async with start(["--queue", str(queue)], settings=long_lease) as program:

        async def claimed() -> bool:
            return (await queues.get(store, queue)).leased == len(ids)

        await wait_until_async(claimed, "all jobs are claimed")
        program.mpiexec.send_signal(signal.SIGTERM)
        assert await program.ended() == STOPPED, program.text()
    assert (await queues.get(store, queue)).ready == len(ids)
    assert (await runs.get(store, await only_run(store))).state is RunState.STOPPED


async def test_a_wish_in_the_store_stops_the_run(store: Store, start: Start) -> None:
    queue, ids = await filled(store, costly(FAR_TOO_LONG))
    async with start(["--queue", str(queue)], settings=SMALL_BATCHES) as program:
        await half_way(store)
        await runs.request_stop(store, await only_run(store))
        run = await stopped(store, program, queue, ids)
    assert run.reason == "stopped on request"


async def test_a_run_that_waits_for_a_frozen_rank_can_be_stopped(store: Store, start: Start) -> None:
    queue, ids = await filled(store, costly(FAR_TOO_LONG))
    async with start(["--queue", str(queue)], settings=SMALL_BATCHES) as program:
        await half_way(store)
        ranks = program.ranks()
        os.kill(ranks[1], signal.SIGSTOP)
        await runs.request_stop(store, await only_run(store))
        await stopped(store, program, queue, ids)
        await gone(list(ranks.values()))


async def test_a_rank_that_is_frozen_between_batches_keeps_no_run_from_its_end(store: Store, start: Start) -> None:
    queue, _ = await filled(store, costly(1))
    await claims.claim(store, queue, 1, 3600)  # the run waits for it
    async with start(["--queue", str(queue)]) as program:

        async def running() -> bool:
            return [run.state for run in await runs.active(store)] == [RunState.RUNNING]

        await wait_until_async(running, "the run has begun")
        ranks = program.ranks()
        os.kill(ranks[1], signal.SIGSTOP)
        await queues.delete(store, queue)
        assert await program.ended() != 0
        await gone(list(ranks.values()))
    assert (await runs.get(store, await only_run(store))).state is RunState.STOPPED


async def test_a_deleted_queue_stops_the_run(store: Store, start: Start) -> None:
    queue, _ = await filled(store, costly())
    async with start(["--queue", str(queue)], settings=SMALL_BATCHES) as program:
        await half_way(store)
        await queues.delete(store, queue)
        assert await program.ended() == STOPPED, program.text()
    assert (await runs.get(store, await only_run(store))).state is RunState.STOPPED


async def test_ranks_that_did_not_come_fail_the_run(store: Store, start: Start) -> None:
    queue, ids = await filled(store, mixed(3))
    run = await runs.start(store, queue, "bob", 3, 30)
    words = ["--queue", str(queue), "--run", str(run), "--processes", "3"]
    async with start(words, ranks=2) as program:
        assert await program.ended() == 1
        assert "3 ranks were asked for, and 2 came" in program.text()
    failed = await runs.get(store, run)
    assert failed.state is RunState.FAILED
    assert failed.reason in program.text()
    assert {job.status for job in await jobs.get_many(store, ids)} == {JobStatus.QUEUED}


async def test_a_queue_that_another_run_drains_is_left_alone(store: Store, start: Start) -> None:
    queue, _ = await filled(store, mixed(3))
    other = await runs.start(store, queue, "bob", 2, 30)
    patient = {"FORESAIL_QUEUE_LEASE_SECONDS": "3600"}
    async with start(["--queue", str(queue)], settings=patient) as program:
        assert await program.ended() == 1
        assert f"run {other} drains queue {queue}" in program.text()
    assert (await queues.get(store, queue)).ready == 3


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--queue", "first"], 2, "invalid int value"),
        ([], 2, "are required: --queue"),
        (["--queue", "1", "--speed", "9"], 2, "unrecognized arguments"),
        (["--queue", "77"], 1, "there is no queue 77"),
        (["--queue", "77", "--run", "5"], 1, "there is no run 5"),
    ],
)
async def test_wrong_arguments_are_said_once_and_without_a_traceback(
    store: Store, start: Start, words: list[str], code: int, says: str
) -> None:
    assert await queues.page(store, 0, 1) == []
    async with start(words) as program:
        assert await program.ended() == code
        assert program.text().count(says) == 1
        assert "Traceback" not in program.text()


async def test_no_store_ends_with_one_line(start: Start) -> None:
    async with start(["--queue", "1"], settings={"FORESAIL_STORE_URL": "unix:///nowhere/store.sock"}) as program:
        assert await program.ended() == 1
        assert "the store does not answer" in program.text()
        assert "Traceback" not in program.text()


async def stopped(store: Store, program: Program, queue: int, ids: range) -> Run:
    """The run, when it has ended as one that was stopped, with nothing leased and no attempt counted."""
    assert await program.ended() == STOPPED, program.text()
    left = await queues.get(store, queue)
    assert (left.state, left.leased, left.ready + left.completed) == (QueueState.OPEN, 0, len(ids))
    assert left.ready > 0
    found = await jobs.get_many(store, ids)
    assert {(job.status, job.attempts) for job in found} == {(JobStatus.DONE, 1), (JobStatus.QUEUED, 0)}
    run = await runs.get(store, await only_run(store))
    assert (run.state, run.jobs_done) == (RunState.STOPPED, left.completed)
    return run
