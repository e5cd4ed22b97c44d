import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.forecasting.accuracy import holdout_mase
from services.forecasting.models import MODELS
from services.forecasting.panel import BLOCK_SERIES
from services.forecasting.rows import RowLayout, forecast_rows
from tests.unit.forecasting.panels import KINDS, seasonal, uniform, walks

HORIZON, LEVELS = 5, (80, 95)
LAYOUT = RowLayout(HORIZON, LEVELS)


def test_long_series_have_the_same_bits_whatever_threads_the_machine_offers() -> None:
    program = (
        "import sys; from services.forecasting.rows import forecast_rows; import numpy as np\n"
        "panel = np.random.default_rng(1).random((4, 50_000))\n"
        "sys.stdout.buffer.write(forecast_rows('ols', panel, 5, (80, 95)).tobytes())"
    )
    known = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    found = {
        subprocess.run([sys.executable, "-c", program], env=known | more, capture_output=True, check=True).stdout
        for more in ({}, {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"})
    }
    assert len(found) == 1


def test_the_layout_by_hand() -> None:
    layout = RowLayout(2, (80, 95))
    assert layout.width == 12
    rows = np.arange(24.0).reshape(2, 12)
    assert layout.mean(rows).tolist() == [[0, 1], [12, 13]]
    assert layout.lower(rows, 0).tolist() == [[2, 3], [14, 15]]
    assert layout.upper(rows, 0).tolist() == [[4, 5], [16, 17]]
    assert layout.lower(rows, 1).tolist() == [[6, 7], [18, 19]]
    assert layout.upper(rows, -1).tolist() == [[8, 9], [20, 21]]
    assert layout.mase(rows).tolist() == [10, 22]
    assert layout.naive_mase(rows[1]) == 23
    with pytest.raises(IndexError):
        layout.lower(rows, 2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", MODELS)
def test_rows_hold_forecast_and_errors(model: str, kind: str) -> None:
    panel = KINDS[kind]
    rows = forecast_rows(model, panel, HORIZON, LEVELS)
    assert rows.shape == (len(panel), LAYOUT.width)
    assert rows.flags.c_contiguous
    forecast = MODELS[model].fit_forecast(panel, HORIZON, LEVELS)
    np.testing.assert_allclose(LAYOUT.mean(rows), forecast.mean, rtol=1e-11)
    for index in range(len(LEVELS)):
        np.testing.assert_allclose(LAYOUT.lower(rows, index), forecast.lower[index], rtol=1e-10)
        np.testing.assert_allclose(LAYOUT.upper(rows, index), forecast.upper[index], rtol=1e-10)
    mase, naive_mase = holdout_mase(model, panel, HORIZON)
    np.testing.assert_allclose(LAYOUT.mase(rows), mase, rtol=1e-8)
    np.testing.assert_allclose(LAYOUT.naive_mase(rows), naive_mase, rtol=1e-12)


@pytest.mark.parametrize("horizon", [1, 40])
@pytest.mark.parametrize("model", MODELS)
def test_a_series_gets_the_same_bits_alone_and_among_others(model: str, horizon: int) -> None:
    panel = np.concatenate(
        [uniform(BLOCK_SERIES, 101), walks(20, 101), seasonal(20, 101, 4), seasonal(20, 101, 4) - 60]
    )
    together = forecast_rows(model, panel, horizon, LEVELS, season_length=4)
    for row in (0, 7, BLOCK_SERIES - 1, BLOCK_SERIES, BLOCK_SERIES + 30, len(panel) - 1):
        alone = forecast_rows(model, panel[row : row + 1], horizon, LEVELS, season_length=4)
        np.testing.assert_array_equal(alone[0], together[row])
    for cut in (2, 5, 300, BLOCK_SERIES + 3):
        parts = [forecast_rows(model, part, horizon, LEVELS, season_length=4) for part in (panel[:cut], panel[cut:])]
        np.testing.assert_array_equal(np.concatenate(parts), together)


@pytest.mark.parametrize("model", MODELS)
def test_no_series_give_no_rows(model: str) -> None:
    assert forecast_rows(model, np.empty((0, 30)), HORIZON, LEVELS).shape == (0, LAYOUT.width)


@pytest.mark.parametrize("model", MODELS)
def test_results_of_the_market_lie_within_its_bounds(model: str) -> None:
    panel = uniform(300, 20)
    free, clipped = (forecast_rows(model, panel, HORIZON, LEVELS, bounds=bounds) for bounds in (None, (0.0, 1.0)))
    assert free[:, :-2].min() < 0
    assert free[:, :-2].max() > 1
    np.testing.assert_allclose(clipped[:, :-2], np.clip(free[:, :-2], 0, 1), rtol=1e-12)
    mase, naive_mase = holdout_mase(model, panel, HORIZON, bounds=(0.0, 1.0))
    np.testing.assert_allclose(LAYOUT.mase(clipped), mase, rtol=1e-9)
    np.testing.assert_allclose(LAYOUT.naive_mase(clipped), naive_mase, rtol=1e-12)


def test_constant_series_have_errors_without_a_number() -> None:
    for model in MODELS:
        rows = forecast_rows(model, np.full((2, 30), 7.0), HORIZON, LEVELS)
        assert np.isnan(rows[:, -2:]).all()
        np.testing.assert_allclose(rows[:, :-2], 7, rtol=1e-13)


def test_what_is_not_contiguous_gives_the_same() -> None:
    panel = uniform(20, 60)
    by_step = np.asfortranarray(panel)
    for model in MODELS:
        np.testing.assert_array_equal(
            forecast_rows(model, by_step[:, ::2], 3, LEVELS), forecast_rows(model, panel[:, ::2].copy(), 3, LEVELS)
        )


@settings(deadline=None, max_examples=40)
@given(
    model=st.sampled_from(list(MODELS)),
    seed=st.integers(0, 10**6),
    steps=st.integers(12, 60),
    factor=st.floats(1e-3, 1e3),
    shift=st.floats(-1e3, 1e3),
)
def test_other_units_give_the_same_forecast_in_other_units(
    model: str, seed: int, steps: int, factor: float, shift: float
) -> None:
    panel = uniform(5, steps, seed)
    rows = forecast_rows(model, panel, HORIZON, LEVELS)
    moved = forecast_rows(model, shift + factor * panel, HORIZON, LEVELS)
    tolerance = 1e-3 if model == "theta" else 1e-8  # theta searches for alpha, and stops near it
    size = factor * np.abs(rows[:, :-2]).max()
    np.testing.assert_allclose(moved[:, :-2], shift + factor * rows[:, :-2], rtol=1e-11, atol=tolerance * size)
    np.testing.assert_allclose(moved[:, -2:], rows[:, -2:], rtol=2 * tolerance, atol=tolerance)


@settings(deadline=None, max_examples=40)
@given(
    model=st.sampled_from(list(MODELS)),
    series=st.integers(1, 4),
    steps=st.integers(6, 40),
    data=st.data(),
)
def test_intervals_are_ordered_and_nested_whatever_the_values(
    model: str, series: int, steps: int, data: st.DataObject
) -> None:
    values = st.lists(st.floats(-1e6, 1e6, width=32), min_size=series * steps, max_size=series * steps)
    panel = np.array(data.draw(values)).reshape(series, steps)
    rows = forecast_rows(model, panel, 1, LEVELS, bounds=(-1e5, 1e5))
    layout = RowLayout(1, LEVELS)
    assert np.isfinite(rows[:, :-2]).all()
    assert np.abs(rows[:, :-2]).max() <= 1e5
    inner, outer = ((layout.lower(rows, index), layout.upper(rows, index)) for index in (0, 1))
    for low, high in (inner, outer):
        assert (low <= layout.mean(rows)).all()
        assert (layout.mean(rows) <= high).all()
    assert (outer[0] <= inner[0]).all()
    assert (inner[1] <= outer[1]).all()
