"""Jobs to drain, and what must be true of them when that is done."""

import numpy as np
from numpy.typing import NDArray

from services.config import MarketSettings
from services.forecasting.rows import RowLayout, forecast_rows
from services.models import LEVELS, Dataset, JobSpec, JobStatus
from services.store import datasets, invariants, jobs, panels, queues, results, runs
from services.store.connection import Store
from tests.waiting import wait_until_async

SMALL_BATCHES = {"FORESAIL_RUN_BATCH": "5"}
"""So that a run can be met half-way."""
LONG = 200
"""Jobs of a run that shall be interrupted: each is distinct work of many milliseconds."""


def mixed(count: int) -> list[JobSpec]:
    """Jobs of several models and horizons, with assets in no particular order."""
    models = ("ols", "naive", "drift", "theta")
    return [
        JobSpec("market", tuple((7 * n + 13 * k) % 100 for k in range(1 + n % 10)), models[n % 4], 1 + n % 12)
        for n in range(count)
    ]


def costly(count: int = LONG) -> list[JobSpec]:
    """Jobs that share no work."""
    return [JobSpec("market", tuple(range(60)), "theta", 1 + n % 140) for n in range(count)]


async def costly_dataset(store: Store, count: int) -> list[JobSpec]:
    """Jobs of a few seconds each, on a dataset of their own."""
    series, steps = 20_000, 300
    values = np.random.default_rng(1).random((series, steps))
    known = Dataset("large", "bob", 0, steps, tuple(map(str, range(series))), 0.0)
    await datasets.put(store, known, values, replace_others=False)
    return [JobSpec("large", tuple(range(series)), "theta", 1 + n) for n in range(count)]


async def filled(store: Store, specs: list[JobSpec], max_attempts: int = 5) -> tuple[int, range]:
    """A new queue with these jobs, and their ids."""
    index = await queues.create(store, "", max_attempts)
    return index, await queues.enqueue(store, index, "bob", specs)


async def rows(store: Store, job_id: int) -> NDArray[np.float64]:
    """The stored result rows of a job."""
    stored = await results.get(store, job_id)
    return np.frombuffer(stored.rows, "<f8").reshape(stored.assets, RowLayout(stored.horizon, stored.levels).width)


async def expected(store: Store, spec: JobSpec) -> NDArray[np.float64]:
    """What the forecasting package says of the job by itself."""
    dataset, values = await panels.load(store, MarketSettings(), spec.dataset)
    panel = values[list(spec.assets)]
    return forecast_rows(spec.model, panel, spec.horizon, LEVELS, dataset.season_length, dataset.bounds)


async def assert_each_done_once(store: Store, queue: int, ids: range, run_ids: list[int]) -> None:
    """Every job is done, by one of the runs, and has its result; nothing is left in the queue."""
    finished = [job_id for run in run_ids for job_id in await runs.finished_jobs(store, run, 0, 10 * len(ids))]
    assert sorted(finished) == list(ids)
    found = await jobs.get_many(store, ids)
    assert {job.status for job in found} == {JobStatus.DONE}
    assert set(await results.get_many(store, ids)) == set(ids)
    left = await queues.get(store, queue)
    assert (left.ready, left.leased, left.dead, left.completed) == (0, 0, 0, len(ids))
    assert await invariants.violations(store) == []


async def only_run(store: Store) -> int:
    """The id of the newest run."""
    return (await runs.page(store, None, 1))[0].id


async def jobs_done(store: Store) -> int:
    """Jobs that the newest run has finished so far; 0 before there is one."""
    newest = await runs.page(store, None, 1)
    return newest[0].jobs_done if newest else 0


async def half_way(store: Store) -> None:
    """Wait until the newest run has finished its first jobs."""

    async def some() -> bool:
        return await jobs_done(store) > 0

    await wait_until_async(some, "the first jobs are done")
