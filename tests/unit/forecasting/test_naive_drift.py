import numpy as np
import pytest
from statsforecast.models import Naive, RandomWalkWithDrift

from services.forecasting.forecast import Model
from services.forecasting.models import drift, naive
from tests.unit.forecasting.panels import KINDS

HORIZON, LEVELS = 9, (80, 95)


@pytest.mark.parametrize("kind", KINDS)
def test_naive_is_that_of_statsforecast(kind: str) -> None:
    forecast = naive.fit_forecast(KINDS[kind], HORIZON, LEVELS)
    for row, series in enumerate(KINDS[kind]):
        expected = Naive().forecast(y=series, h=HORIZON, level=list(LEVELS))
        np.testing.assert_array_equal(forecast.mean[row], expected["mean"])
        for index, level in enumerate(LEVELS):
            np.testing.assert_allclose(forecast.lower[index, row], expected[f"lo-{level}"], rtol=1e-12)
            np.testing.assert_allclose(forecast.upper[index, row], expected[f"hi-{level}"], rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_drift_is_that_of_statsforecast_but_for_the_degrees_of_freedom(kind: str) -> None:
    forecast = drift.fit_forecast(KINDS[kind], HORIZON, LEVELS)
    steps = KINDS[kind].shape[1]
    # statsforecast divides by steps - 1; the book that both follow subtracts the fitted drift too.
    freedom = np.sqrt((steps - 1) / (steps - 2))
    for row, series in enumerate(KINDS[kind]):
        expected = RandomWalkWithDrift().forecast(y=series, h=HORIZON, level=list(LEVELS))
        np.testing.assert_allclose(forecast.mean[row], expected["mean"], rtol=1e-12)
        for index, level in enumerate(LEVELS):
            width = freedom * (expected[f"hi-{level}"] - expected["mean"])
            np.testing.assert_allclose(forecast.upper[index, row] - forecast.mean[row], width, rtol=1e-9)
            np.testing.assert_allclose(forecast.mean[row] - forecast.lower[index, row], width, rtol=1e-9)


@pytest.mark.parametrize("fit", [naive.fit_forecast, drift.fit_forecast])
def test_intervals_hold_what_their_level_says(fit: Model) -> None:
    walks = np.cumsum(np.random.default_rng(5).normal(size=(20_000, 65)), axis=1)
    forecast = fit(walks[:, :60], 5, LEVELS)
    held_out = walks[:, 60:]
    inside = ((forecast.lower <= held_out) & (held_out <= forecast.upper)).mean(axis=1)
    np.testing.assert_allclose(inside, np.repeat([[0.80], [0.95]], 5, axis=1), atol=0.015)


def test_drift_ends_where_the_line_through_first_and_last_leads() -> None:
    forecast = drift.fit_forecast(np.array([[1.0, 5.0, 3.0]]), 3, ())
    np.testing.assert_allclose(forecast.mean, [[4.0, 5.0, 6.0]])
