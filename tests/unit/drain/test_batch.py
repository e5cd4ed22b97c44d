"""What is distinct in a batch is computed once, and no batch is larger than memory allows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.config import MarketSettings
from services.drain.batch import PORTION_BYTES, group, obstacle, portions, result_bytes, wishes
from services.forecasting.market import market_panel
from services.models import ClaimedJob, JobSpec
from services.store.panels import market_dataset

MARKET = market_dataset(MarketSettings())
PANEL = market_panel(1)
assets = st.lists(st.integers(0, 99), min_size=1, max_size=20, unique=True)


def job(number: int, assets: tuple[int, ...], model: str = "ols", horizon: int = 10) -> ClaimedJob:
    return ClaimedJob(number, JobSpec("market", assets, model, horizon), 1, 1.0)


@given(st.lists(assets, min_size=1, max_size=20))
def test_each_distinct_series_is_there_once_and_every_asset_finds_its_own(wanted: list[list[int]]) -> None:
    jobs = [job(number, tuple(each)) for number, each in enumerate(wanted)]
    made = group(("market", "ols", 10), jobs, MARKET, PANEL)
    flat = [asset for each in wanted for asset in each]
    assert made.part.series == len(made.series) == len(set(flat))
    np.testing.assert_array_equal(made.series[made.places], PANEL[flat])


def test_jobs_that_differ_in_dataset_model_or_horizon_are_not_alike() -> None:
    jobs = [job(1, (1,)), job(2, (2,), "naive"), job(3, (3,), horizon=9), job(4, (4,))]
    assert {wish: [job.id for job in alike] for wish, alike in wishes(jobs).items()} == {
        ("market", "ols", 9): [3],
        ("market", "ols", 10): [1, 4],
        ("market", "naive", 10): [2],
    }


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(1, 366)), max_size=60))
def test_portions_keep_the_order_and_the_limit(sizes: list[tuple[int, int]]) -> None:
    jobs = [job(n, tuple(range(count * 30)), horizon=horizon) for n, (count, horizon) in enumerate(sizes)]
    cut = list(portions(jobs))
    assert [job for portion in cut for job in portion] == jobs
    assert all(len(portion) == 1 or sum(map(result_bytes, portion)) <= PORTION_BYTES for portion in cut)


def test_a_result_that_no_store_would_take_is_an_obstacle() -> None:
    assert obstacle(job(1, tuple(range(100)), horizon=366), MARKET) == ""
    assert "the store takes 256 at most" in obstacle(job(1, tuple(range(100)), horizon=100_000), MARKET)
    assert "asset 100 is not among them" in obstacle(job(1, (3, 100)), MARKET)
