"""A queue is drained: every job, in order, with the numbers that the models give."""

from collections import Counter

import numpy as np
import pytest

from services.models import Dataset, JobSpec, JobStatus, QueueState, RunState
from services.store import datasets, jobs, queues, runs
from services.store.connection import Store
from tests.mpi.program import Start
from tests.mpi.work import assert_each_done_once, costly_dataset, expected, filled, mixed, only_run, rows
from tests.waiting import wait_until_async

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]


@pytest.mark.parametrize("ranks", [1, 2, 3])
async def test_all_jobs_are_done_in_order_with_the_models_numbers(store: Store, start: Start, ranks: int) -> None:
    specs = mixed(120)
    queue, ids = await filled(store, specs)
    async with start(["--queue", str(queue)], ranks, {"FORESAIL_RUN_BATCH": "50"}) as program:
        assert await program.ended() == 0, program.text()
    run = await runs.get(store, await only_run(store))
    assert (run.state, run.processes, run.jobs_total, run.jobs_done) == (RunState.DONE, ranks, 120, 120)
    assert run.assets_total == run.assets_done == sum(len(spec.assets) for spec in specs)
    assert len(run.hosts) == 1
    assert await runs.finished_jobs(store, run.id, 0, 1000) == list(ids)
    await assert_each_done_once(store, queue, ids, [run.id])
    for job_id, spec in zip(ids, specs, strict=True):
        np.testing.assert_array_equal(await rows(store, job_id), await expected(store, spec))


async def test_own_datasets_of_different_shapes_travel_in_one_batch(store: Store, start: Start) -> None:
    rng = np.random.default_rng(1)
    for name, series, steps, season in (("short", 3, 40, 1), ("long", 5, 400, 12)):
        known = Dataset(name, "bob", 0, steps, tuple(map(str, range(series))), 0.0, season, (0.0, 9.0))
        await datasets.put(store, known, rng.random((series, steps)) * 10, replace_others=False)
    specs = [JobSpec("short", (2, 0), "ols", 5), JobSpec("long", (4, 1, 3), "theta", 7), *mixed(6)]
    specs += [JobSpec("long", (0,), "theta", 7), JobSpec("short", (1,), "drift", 6)]
    queue, ids = await filled(store, specs)
    async with start(["--queue", str(queue)], 3) as program:
        assert await program.ended() == 0, program.text()
    for job_id, spec in zip(ids, specs, strict=True):
        np.testing.assert_array_equal(await rows(store, job_id), await expected(store, spec))


async def test_impossible_jobs_fail_with_a_reason_and_the_others_go_on(store: Store, start: Start) -> None:
    known = Dataset("tiny", "bob", 0, 12, ("a", "b"), 0.0)
    await datasets.put(store, known, np.random.default_rng(1).random((2, 12)), replace_others=False)
    specs = {
        "there is no dataset gone": JobSpec("gone", (0,), "ols", 3),
        "and asset 2 is not among them": JobSpec("tiny", (0, 2), "ols", 3),
        "ask for a shorter horizon": JobSpec("tiny", (0,), "ols", 11),
        "there is no model oracle": JobSpec("tiny", (0,), "oracle", 3),
        "": JobSpec("tiny", (1,), "ols", 3),
    }
    queue, ids = await filled(store, [*specs.values(), *mixed(4)])
    async with start(["--queue", str(queue)]) as program:
        assert await program.ended() == 0, program.text()
    found = await jobs.get_many(store, ids)
    for job, words in zip(found, specs, strict=False):
        assert words in job.reason
    assert Counter(job.status for job in found) == {JobStatus.DONE: 5, JobStatus.FAILED: 4}
    run = await runs.get(store, await only_run(store))
    assert (run.state, run.jobs_done, run.jobs_failed) == (RunState.DONE, 5, 4)
    assert (await queues.get(store, queue)).dead == 4


async def test_no_job_forecasts_another_asset_than_it_was_submitted_for(store: Store, start: Start) -> None:
    async def put(*assets: str) -> None:
        known = Dataset("prices", "bob", 0, 40, assets, 0.0)
        await datasets.put(store, known, np.random.default_rng(1).random((len(assets), 40)), replace_others=False)

    asked = JobSpec("prices", (1,), "ols", 3)
    await put("A", "B")
    queue, first = await filled(store, [asked])
    await put("A", "AB", "B")
    second = await queues.enqueue(store, queue, "bob", [asked])
    await put("A", "AB", "B", "C")
    async with start(["--queue", str(queue)]) as program:
        assert await program.ended() == 0, program.text()
    old, new = await jobs.get_many(store, [*first, *second])
    assert (old.status, new.status) == (JobStatus.FAILED, JobStatus.DONE)
    assert old.reason.startswith("dataset prices (version 3) has other assets, or in other places, than when the job")


async def test_a_result_too_large_for_one_step_is_stored_in_portions(store: Store, start: Start) -> None:
    # 60 jobs of 100 assets, 140 steps ahead: 33 MiB of results, more than two portions, under one claim.
    queue, ids = await filled(store, [JobSpec("market", tuple(range(100)), "naive", 140)] * 60)
    async with start(["--queue", str(queue)]) as program:
        assert await program.ended() == 0, program.text()
    await assert_each_done_once(store, queue, ids, [await only_run(store)])
    np.testing.assert_array_equal(await rows(store, ids[0]), await rows(store, ids[-1]))


async def test_a_batch_that_takes_longer_than_its_lease_is_not_handed_out_again(store: Store, start: Start) -> None:
    specs = await costly_dataset(store, 3)
    queue, ids = await filled(store, specs)
    async with start(["--queue", str(queue)], settings={"FORESAIL_QUEUE_LEASE_SECONDS": "2"}) as program:

        async def over() -> bool:
            await queues.reap(store)  # as the queueing service does all the time
            return program.mpiexec.returncode is not None

        await wait_until_async(over, "the run is over", 60)
        assert program.mpiexec.returncode == 0, program.text()
    run = await runs.get(store, await only_run(store))
    assert (run.finished or 0) - (run.started or 0) > 2, "the jobs were too quick for this test to mean anything"
    assert [job.attempts for job in await jobs.get_many(store, ids)] == [1, 1, 1]
    assert (await queues.get(store, queue)).redelivered == 0


async def test_an_empty_queue_is_drained_at_once(store: Store, start: Start) -> None:
    queue = await queues.create(store, "", 3)
    async with start(["--queue", str(queue)]) as program:
        assert await program.ended() == 0, program.text()
    assert (await runs.get(store, await only_run(store))).state is RunState.DONE


async def test_a_paused_queue_ends_the_run_and_says_so(store: Store, start: Start) -> None:
    queue, ids = await filled(store, mixed(3))
    await queues.set_state(store, queue, QueueState.PAUSED)
    async with start(["--queue", str(queue)]) as program:
        assert await program.ended() == 0, program.text()
    run = await runs.get(store, await only_run(store))
    assert (run.state, run.reason, run.jobs_done) == (RunState.DONE, "the queue is paused", 0)
    assert {job.status for job in await jobs.get_many(store, ids)} == {JobStatus.QUEUED}
