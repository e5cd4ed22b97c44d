"""What every model gives and what every model is."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from services.forecasting.panel import FloatArray

__all__ = ["FloatArray", "Forecast", "Model", "symmetric_forecast"]


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


def symmetric_forecast(mean: FloatArray, deviation: FloatArray, quantiles: tuple[float, ...]) -> Forecast:
    """Intervals of `quantiles` standard deviations to either side; `mean` and `deviation` are (series, horizon)."""
    width = np.asarray(quantiles, dtype=np.float64).reshape(-1, 1, 1) * deviation
    return Forecast(mean=mean, lower=mean - width, upper=mean + width)
