"""What every model gives and what every model is."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from services.forecasting.intervals import normal_quantile
from services.forecasting.panel import FloatArray


@dataclass(frozen=True, slots=True)
class Forecast:
    """The next `horizon` steps of each series and a prediction interval for each level, all in the panel's units."""

    mean: FloatArray
    """(series, horizon)"""
    lower: FloatArray
    """(levels, series, horizon)"""
    upper: FloatArray
    """(levels, series, horizon)"""


class Model(Protocol):
    """A model is one function over a whole panel."""

    def __call__(self, panel: FloatArray, horizon: int, levels: tuple[int, ...], season_length: int = 1) -> Forecast:
        """Fit every row of `panel` (series, steps) and forecast it `horizon` steps ahead, with intervals at `levels` %.

        Raises ValueError if the panel is too short or an argument makes no sense. `season_length` is in steps, 1 for
        none; a model that knows no seasons leaves it unused.
        """
        ...


def normal_forecast(mean: FloatArray, deviation: FloatArray, levels: tuple[int, ...]) -> Forecast:
    """Intervals at `levels` % of a normal distribution; `mean` and `deviation` are (series, horizon)."""
    quantiles = np.array([normal_quantile(level) for level in levels], dtype=np.float64)
    width = quantiles.reshape(-1, 1, 1) * deviation
    return Forecast(mean=mean, lower=mean - width, upper=mean + width)
