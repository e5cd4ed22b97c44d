"""Seasons of many series at once: which series have one, how it goes, and how to take it out and put it back.

The test is that of Fiorucci et al., "Models for optimising the theta method", International Journal of Forecasting 32,
2016; the decomposition is the classical one about a centred moving average (Hyndman & Athanasopoulos, Forecasting:
Principles and Practice, 3rd ed., 3.4).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.forecasting.intervals import normal_quantile
from services.forecasting.panel import FloatArray, sum_steps

SHORTEST = 4
"""Shorter seasons are not looked for, as in statsforecast."""
LEAST_FACTOR = 0.01
"""A season that multiplies by less would divide by nearly nothing: it is added instead."""


@dataclass(frozen=True, slots=True)
class Seasons:
    """`value = level * factor + offset`, with a factor and an offset for each step of the season: (series, season)."""

    factor: FloatArray
    offset: FloatArray

    def remove(self, panel: FloatArray) -> FloatArray:
        """(series, steps): a new panel of the levels."""
        factor, offset = self.ahead(0, panel.shape[1])
        return (panel - offset) / factor

    def ahead(self, first: int, count: int) -> tuple[FloatArray, FloatArray]:
        """Factor and offset of `count` steps from the step numbered `first` on, each (series, count)."""
        phase = np.arange(first, first + count) % self.factor.shape[1]
        return self.factor[:, phase], self.offset[:, phase]


def find_seasons(panel: FloatArray, season_length: int) -> Seasons:
    """The seasons of `panel` (series, steps): factors for positive series, else offsets; neither where none is."""
    series, steps = panel.shape
    seasons = Seasons(np.ones((series, season_length)), np.zeros((series, season_length)))
    if season_length < SHORTEST or steps < 2 * season_length:
        return seasons
    positive = (panel > 0).all(axis=1)
    seasonal = _is_seasonal(panel, season_length)
    multiplied = np.flatnonzero(seasonal & positive)
    factor = _factors(panel[multiplied], season_length)
    sound = (factor >= LEAST_FACTOR).all(axis=1)
    seasons.factor[multiplied[sound]] = factor[sound]
    added = np.concatenate([np.flatnonzero(seasonal & ~positive), multiplied[~sound]])
    seasons.offset[added] = _offsets(panel[added], season_length)
    return seasons


def _is_seasonal(panel: FloatArray, season_length: int) -> NDArray[np.bool_]:
    """Is the autocorrelation at the season's length beyond Bartlett's 90 % limits?"""
    deviations = panel - panel.mean(axis=1, keepdims=True)
    variance = np.vecdot(deviations, deviations)
    lags = range(1, season_length + 1)
    products = np.stack([np.vecdot(deviations[:, :-lag], deviations[:, lag:]) for lag in lags])
    correlation = np.divide(products, variance, out=np.zeros_like(products), where=variance > 0)
    limit = normal_quantile(90) * np.sqrt((1 + 2 * sum_steps(np.square(correlation[:-1]))) / panel.shape[1])
    seasonal: NDArray[np.bool_] = np.abs(correlation[-1]) > limit
    return seasonal


def _factors(panel: FloatArray, season_length: int) -> FloatArray:
    means = _by_phase(panel[:, _inner(panel, season_length)] / _trend(panel, season_length), season_length)
    means /= means.mean(axis=1, keepdims=True)
    return means


def _offsets(panel: FloatArray, season_length: int) -> FloatArray:
    means = _by_phase(panel[:, _inner(panel, season_length)] - _trend(panel, season_length), season_length)
    means -= means.mean(axis=1, keepdims=True)
    return means


def _inner(panel: FloatArray, season_length: int) -> slice:
    half = season_length // 2
    return slice(half, panel.shape[1] - half)


def _trend(panel: FloatArray, season_length: int) -> FloatArray:
    """Centred moving average over one season, for the inner steps; an even season counts both its ends by half."""
    weights = np.full(season_length // 2 * 2 + 1, 1 / season_length)
    if season_length % 2 == 0:
        weights[[0, -1]] /= 2
    trend: FloatArray = np.vecdot(np.lib.stride_tricks.sliding_window_view(panel, len(weights), axis=1), weights)
    return trend


def _by_phase(inner: FloatArray, season_length: int) -> FloatArray:
    """(series, season): means of the inner steps that lie at the same place of the season."""
    firsts = [(place - season_length // 2) % season_length for place in range(season_length)]
    places = [np.ascontiguousarray(inner[:, first::season_length]) for first in firsts]
    return np.stack([place.mean(axis=1) for place in places], axis=1)
