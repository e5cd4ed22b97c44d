"""Whatever is killed, whenever: a new run finishes every job, and each is done exactly once."""

import os
import signal

import numpy as np
import pytest

from services.errors import ConflictError
from services.models import Dataset, JobSpec, JobStatus, RunState
from services.store import datasets, jobs, keys, queues, runs
from services.store.connection import Store
from tests.mpi.program import LEASE_SECONDS, Program, Start, gone
from tests.mpi.work import SMALL_BATCHES, assert_each_done_once, costly, filled, half_way, jobs_done, only_run, rows
from tests.waiting import wait_until_async

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]
KILL = signal.SIGKILL


@pytest.mark.parametrize("victim", ["rank 0", "rank 1", "mpiexec"])
async def test_after_kill_9_a_new_run_does_every_job_exactly_once(store: Store, start: Start, victim: str) -> None:
    queue, ids = await filled(store, costly())
    async with start(["--queue", str(queue)], settings=SMALL_BATCHES) as program:
        await half_way(store)
        processes = program.ranks()
        kill(program, processes, victim)
        assert await program.ended() != 0
        await gone(list(processes.values()))
    first = await only_run(store)
    assert 0 < await jobs_done(store) < len(ids)
    second = await new_run(store, queue)
    async with start(["--queue", str(queue), "--run", str(second)], settings=SMALL_BATCHES) as program:
        assert await program.ended() == 0, program.text()
    ended = await runs.get(store, first)
    assert ended.state is RunState.FAILED
    assert "went silent" in ended.reason
    await assert_each_done_once(store, queue, ids, [first, second])


async def test_a_run_that_wakes_after_its_lease_changes_nothing(store: Store, start: Start) -> None:
    queue, ids = await filled(store, costly())
    async with start(["--queue", str(queue)], settings=SMALL_BATCHES) as sleeper:
        await half_way(store)
        root = sleeper.ranks()[0]
        os.kill(root, signal.SIGSTOP)
        first = await only_run(store)
        second = await new_run(store, queue)
        async with start(["--queue", str(queue), "--run", str(second)], settings=SMALL_BATCHES) as program:
            assert await program.ended() == 0, program.text()
        await assert_each_done_once(store, queue, ids, [first, second])
        before = [(await rows(store, job_id)).tobytes() for job_id in ids]
        os.kill(root, signal.SIGCONT)
        assert await sleeper.ended() == 1
        assert "ended by others" in sleeper.text()
        assert f"run {first} is failed: it went silent" in sleeper.text()
    await assert_each_done_once(store, queue, ids, [first, second])
    assert [(await rows(store, job_id)).tobytes() for job_id in ids] == before


async def test_a_run_with_a_frozen_rank_ends_and_a_new_one_does_its_jobs(store: Store, start: Start) -> None:
    queue, ids = await filled(store, costly())
    settings = SMALL_BATCHES | {"FORESAIL_RUN_SILENCE_SECONDS": "1"}
    async with start(["--queue", str(queue)], settings=settings) as program:
        await half_way(store)
        ranks = program.ranks()
        os.kill(ranks[1], signal.SIGSTOP)
        assert await program.ended() == 1, program.text()
        await gone(list(ranks.values()))
    first = await only_run(store)
    failed = await runs.get(store, first)
    assert (failed.state, "a rank did not answer" in failed.reason) == (RunState.FAILED, True)
    held = (await queues.get(store, queue)).leased
    second = await new_run(store, queue)
    async with start(["--queue", str(queue), "--run", str(second)], settings=settings) as program:
        assert await program.ended() == 0, program.text()
    await assert_each_done_once(store, queue, ids, [first, second])
    attempts = [job.attempts for job in await jobs.get_many(store, ids)]
    assert attempts.count(2) == held > 0


async def test_a_second_program_ends_no_run_that_is_not_its_own(store: Store, start: Start) -> None:
    queue, ids = await filled(store, costly(40))
    run = await runs.start(store, queue, "bob", 2, LEASE_SECONDS)
    words = ["--queue", str(queue), "--run", str(run), "--processes", "2"]
    async with start(words, settings=SMALL_BATCHES) as first:
        await half_way(store)
        os.kill(first.ranks()[1], signal.SIGSTOP)
        async with start(words, ranks=1) as second:
            assert await second.ended() == 1
            assert f"run {run} is running" in second.text()
        os.kill(first.ranks()[1], signal.SIGCONT)
        assert await first.ended() == 0, first.text()
    await assert_each_done_once(store, queue, ids, [run])


async def test_a_run_that_was_ended_by_others_gives_its_jobs_back(store: Store, start: Start) -> None:
    queue, _ = await filled(store, costly())
    async with start(
        ["--queue", str(queue)], settings=SMALL_BATCHES | {"FORESAIL_QUEUE_LEASE_SECONDS": "300"}
    ) as program:
        await half_way(store)
        run = await only_run(store)
        await runs.end(store, run, RunState.FAILED, "by hand")
        assert await program.ended() == 1
        assert f"run {run} is failed: by hand" in program.text()
    assert (await queues.get(store, queue)).leased == 0


@pytest.mark.unsound("the values of a dataset are spoilt")
async def test_a_job_that_ends_every_run_ends_among_the_dead_letters(store: Store, start: Start) -> None:
    known = Dataset("spoilt", "bob", 0, 40, ("one",), 0.0)
    await datasets.put(store, known, np.ones((1, 40)), replace_others=False)
    await store.command("SET", keys.dataset_values("spoilt"), b"no numbers")
    queue, ids = await filled(store, [JobSpec("spoilt", (0,), "ols", 5)], max_attempts=2)
    for attempt in (1, 2):
        run = await new_run(store, queue)
        async with start(["--queue", str(queue), "--run", str(run)], settings=SMALL_BATCHES) as program:
            assert await program.ended() == 1
        assert (await runs.get(store, run)).reason.startswith("internal error: ValueError")
        await returned(store, ids[0])
        assert (await jobs.get(store, ids[0])).attempts == attempt
    assert [job.id for _, job in await queues.dead_letters(store, queue, None, 10)] == list(ids)


def kill(program: Program, processes: dict[int, int], victim: str) -> None:
    os.kill(program.mpiexec.pid if victim == "mpiexec" else processes[int(victim[-1])], KILL)


async def new_run(store: Store, queue: int) -> int:
    """A pending run, as soon as the dead one has been silent for long enough."""
    found: list[int] = []

    async def free() -> bool:
        try:
            found.append(await runs.start(store, queue, "bob", 2, LEASE_SECONDS))
        except ConflictError:
            return False
        return True

    await wait_until_async(free, "the queue is free for a new run")
    return found[0]


async def returned(store: Store, job_id: int) -> None:
    """Wait until the job's lease has run out."""

    async def reaped() -> bool:
        await queues.reap(store)  # as the queueing service does all the time
        return (await jobs.get(store, job_id)).status in (JobStatus.QUEUED, JobStatus.FAILED)

    await wait_until_async(reaped, f"job {job_id} is returned")
