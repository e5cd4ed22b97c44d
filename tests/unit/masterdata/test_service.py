"""Jobs that are calculated at once, while their dataset changes and when something breaks, and their results later."""

import re
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest

from services.config import JobSettings, MarketSettings, Settings
from services.errors import ConflictError, InvalidError
from services.masterdata import at_once, service
from services.masterdata.endings import Endings, opened
from services.masterdata.schemas import CalculatedView
from services.models import Dataset, Job, JobSpec, JobStatus, Role, Subject
from services.store import datasets, jobs
from services.store.connection import Store
from services.web.requests import resolve
from services.web.schemas import JobRequest
from services.web.service import Context
from tests.store.process import client, embedded, short_folder
from tests.waiting import wait_until_async

pytestmark = pytest.mark.anyio
ANN = Subject("ann", Role.EMPLOYEE, "token")


async def put(store: Store, series: int) -> None:
    names = tuple(f"asset {number}" for number in range(series))
    panel = np.arange(20.0 * series).reshape(series, 20)
    await datasets.put(store, Dataset("prices", "ann", 0, 20, names, 0.0), panel, replace_others=False)


async def calculate(context: Context, request: JobRequest) -> CalculatedView:
    return await service.calculate(context, Endings(context.store), ANN, request)


async def only_job(store: Store) -> Job:
    (found,) = await jobs.page(store, "ann", None, 10)
    return found


async def test_a_dataset_that_shrinks_meanwhile_makes_the_job_failed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def checked_before(context: Context, requests: Sequence[JobRequest], where: str, **_: bool) -> list[JobSpec]:
        specs = await resolve(context, requests, where)
        await put(store, 1)
        return specs

    await put(store, 2)
    monkeypatch.setattr(service, "resolve", checked_before)
    request = JobRequest(dataset="prices", assets=[0, 1], horizon=2)
    why = r"dataset prices \(version 2\) has 1 series, and asset 1 is not among them"
    with pytest.raises(ConflictError, match=f"job 1 failed: {why}"):
        await calculate(Context(store, Settings()), request)
    assert (await only_job(store)).status == JobStatus.FAILED


async def test_a_calculation_that_breaks_leaves_no_job_in_progress(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(at_once, "forecast_rows", breaks)
    with pytest.raises(MemoryError):
        await calculate(Context(store, Settings()), JobRequest(assets=[0]))
    job = await only_job(store)
    assert job.status == JobStatus.FAILED
    assert job.reason == "the calculation broke off; the service's log tells why"


async def test_a_job_ends_as_soon_as_the_store_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def loses_the_store(*_: object) -> None:
        server.stop()
        raise MemoryError

    async def failed() -> bool:
        return (await only_job(store)).status == JobStatus.FAILED

    monkeypatch.setattr(at_once, "forecast_rows", loses_the_store)
    with short_folder() as folder, embedded(folder, "always") as server:
        async with client(folder / "store.sock") as store, opened(context := Context(store, Settings())) as endings:
            with pytest.raises(MemoryError):
                await service.calculate(context, endings, ANN, JobRequest(assets=[0]))
            server.start()
            await wait_until_async(failed, "the job has failed")


async def test_what_takes_long_is_to_be_put_into_a_queue(store: Store) -> None:
    """theta goes from step to step, for one series as slowly as for hundreds."""
    steps = 60_000
    known = Dataset("long", "ann", 0, steps, ("a",), 0.0)
    await datasets.put(store, known, np.arange(float(steps)).reshape(1, steps), replace_others=False)
    why = (
        "theta of 1 series of 60000 steps takes about 12.0 s, and what is calculated at once may take 10 s: put the job"
    )
    with pytest.raises(InvalidError, match=re.escape(f"body.model: {why} into a queue, or choose a cheaper model")):
        await calculate(Context(store, Settings()), JobRequest(dataset="long", assets=[0], model="theta"))
    assert await jobs.count(store) == 0
    await calculate(Context(store, Settings()), JobRequest(dataset="long", assets=[0], model="drift"))
    market = Settings(jobs=JobSettings(most_seconds_at_once=0.03))
    with pytest.raises(InvalidError, match=r"theta of 2 series of 300 steps takes about 0\.1 s"):
        await calculate(Context(store, market), JobRequest(assets=[0, 1], model="theta"))


def test_a_process_can_end_while_it_calculates() -> None:
    """Its main thread is through; what is being calculated would take a minute."""
    text = "import asyncio, time; from services.masterdata.at_once import _beside; _beside(lambda: time.sleep(600))"
    assert subprocess.run([sys.executable, "-c", text], timeout=120, check=False).returncode == 0


async def test_results_keep_their_names_until_their_assets_change_places(store: Store) -> None:
    async def names() -> list[str]:
        seen = await service.see_results(context, ANN, job)
        return [forecast.name for forecast in seen.forecasts]

    context = Context(store, Settings())
    await put(store, 2)
    await calculate(context, JobRequest(dataset="prices", assets=[1], horizon=2))
    job = (await only_job(store)).id
    await put(store, 3)
    assert await names() == ["asset 1"]
    await put(store, 2)
    assert await names() == ["1"]


async def test_results_of_a_market_that_was_larger_then_have_numbers_for_names(store: Store) -> None:
    await calculate(Context(store, Settings()), JobRequest(assets=[3, 11], horizon=2))
    smaller = Settings(market=MarketSettings(series=10))
    seen = await service.see_results(Context(store, smaller), ANN, (await only_job(store)).id)
    assert [forecast.name for forecast in seen.forecasts] == ["asset-3", "11"]
