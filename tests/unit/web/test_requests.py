"""Requests that name many datasets."""

import tracemalloc

import numpy as np
import pytest

from services.config import Settings
from services.errors import InvalidError
from services.models import Dataset
from services.store import datasets
from services.store.connection import Store
from services.web.requests import resolve
from services.web.schemas import JobRequest
from services.web.service import Context

pytestmark = pytest.mark.anyio
LONG = "x" * 100


async def put(store: Store, name: str, series: int) -> None:
    assets = tuple(f"{number}{LONG}" for number in range(series))
    await datasets.put(store, Dataset(name, "ann", 0, 8, assets, 0.0), np.zeros((series, 8)), replace_others=False)


async def test_of_many_datasets_the_names_of_one_are_held_at_a_time(store: Store) -> None:
    for number in range(8):
        await put(store, f"d{number}", 5000)
    context = Context(store, Settings())
    peaks = []
    for count in (1, 8):
        requests = [JobRequest(dataset=f"d{number}", assets=[f"7{LONG}"], horizon=2) for number in range(count)]
        tracemalloc.start()
        assert [spec.assets for spec in await resolve(context, requests, "body.jobs")] == [(7,)] * count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]


async def test_jobs_of_several_datasets_keep_their_order_and_so_do_their_faults(store: Store) -> None:
    await put(store, "a", 2)
    await put(store, "b", 2)
    context = Context(store, Settings())
    right = [JobRequest(dataset=name, assets=[0], horizon=2) for name in "abab"]
    assert [spec.dataset for spec in await resolve(context, right, "body.jobs")] == [*"abab"]
    wrong = [JobRequest(dataset=name, assets=[2], horizon=2) for name in "abab"]
    with pytest.raises(InvalidError) as told:
        await resolve(context, wrong, "body.jobs")
    assert [where for where, _ in told.value.problems] == [f"body.jobs.{number}.assets.0" for number in range(4)]
    assert told.value.detail.endswith("(and 3 more)")
