import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from services.forecasting.models.ols import fit_forecast
from services.forecasting.panel import FloatArray
from tests.unit.forecasting.panels import KINDS, uniform

HORIZON, LEVELS = 12, (50, 80, 95, 99)


@pytest.mark.parametrize("kind", KINDS)
def test_the_line_is_that_of_lstsq(kind: str) -> None:
    panel = KINDS[kind]
    steps = panel.shape[1]
    time = np.arange(steps + HORIZON, dtype=np.float64)
    design = np.stack([np.ones_like(time), time], axis=1)
    solution = np.linalg.lstsq(design[:steps], panel.T)[0]

    mean = fit_forecast(panel, HORIZON, LEVELS).mean

    np.testing.assert_allclose(mean, (design[steps:] @ solution).T, rtol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_forecasts_and_intervals_are_those_of_statsmodels(kind: str) -> None:
    panel = KINDS[kind]
    time = sm.add_constant(np.arange(panel.shape[1] + HORIZON, dtype=np.float64))

    forecast = fit_forecast(panel, HORIZON, LEVELS)

    for row, series in enumerate(panel):
        predicted = sm.OLS(series, time[: len(series)]).fit().get_prediction(time[len(series) :])
        np.testing.assert_allclose(forecast.mean[row], predicted.predicted_mean, rtol=1e-10)
        for index, level in enumerate(LEVELS):
            ends = predicted.conf_int(obs=True, alpha=1 - level / 100).T
            width = (ends[1] - ends[0]) / 2
            found = np.stack([forecast.lower[index, row], forecast.upper[index, row]])
            np.testing.assert_allclose(found, ends, rtol=1e-10)
            np.testing.assert_allclose((found[1] - found[0]) / 2, width, rtol=1e-9)


def test_intervals_of_few_steps_are_those_of_scipys_t() -> None:
    panel = np.array([[1.0, 2.0, 4.0]])
    forecast = fit_forecast(panel, 1, (95,))
    residual = stats.linregress(np.arange(3), panel[0])
    sigma = np.sqrt(np.sum((panel[0] - residual.intercept - residual.slope * np.arange(3)) ** 2))
    width = stats.t.ppf(0.975, 1) * sigma * np.sqrt(1 + 1 / 3 + 2**2 / 2)
    np.testing.assert_allclose(forecast.upper[0, 0] - forecast.mean[0], width, rtol=1e-10)


def test_a_perfect_line_goes_on_with_no_width_to_speak_of() -> None:
    steps = np.arange(100, dtype=np.float64)
    panel = np.stack([3 + 2 * steps, -7e6 + 1e-3 * steps, np.full(100, 0.1)])
    forecast = fit_forecast(panel, 5, (95,))
    ahead = np.arange(100, 105)
    np.testing.assert_allclose(
        forecast.mean, np.stack([3 + 2 * ahead, -7e6 + 1e-3 * ahead, np.full(5, 0.1)]), rtol=1e-14
    )
    width = forecast.upper[0] - forecast.lower[0]
    assert (width <= 1e-13 * np.abs(panel).max(axis=1, keepdims=True)).all()


def test_the_width_survives_a_high_level() -> None:
    panel = uniform(20, 200)
    near, far = (fit_forecast(panel + offset, 3, (80,)) for offset in (0.0, 1e7))
    np.testing.assert_allclose(far.upper - far.lower, near.upper - near.lower, rtol=1e-7)


def test_intervals_hold_what_their_level_says() -> None:
    panel = np.random.default_rng(4).normal(size=(20_000, 31))
    forecast = fit_forecast(panel[:, :30], 1, (80, 95))
    inside = ((forecast.lower <= panel[:, 30:]) & (panel[:, 30:] <= forecast.upper)).mean(axis=(1, 2))
    np.testing.assert_allclose(inside, [0.80, 0.95], atol=0.01)


def test_without_levels_there_are_no_intervals() -> None:
    forecast = fit_forecast(uniform(3, 10), 2, ())
    empty: FloatArray = np.empty((0, 3, 2))
    assert forecast.lower.shape == forecast.upper.shape == empty.shape
