"""The weights that turn the parameters of each series' line into its forecasts and intervals, in one matrix product."""

import numpy as np

from services.forecasting.intervals import t_quantile
from services.forecasting.line import centre, distances, spread
from services.forecasting.panel import FloatArray


def extrapolation(steps: int, horizon: int, levels: tuple[int, ...]) -> FloatArray:
    """(3, horizon * (1 + 2 * levels)): `[level, slope, sigma] @ weights` is `[mean | lower, upper of each level]`.

    The interval of a new observation some steps ahead is `t * sigma * sqrt(1 + leverage)` to either side, with t of
    steps - 2 degrees of freedom (Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 7.9).
    """
    ahead = distances(steps, steps + horizon, centre(steps))
    deviation = np.sqrt(1 + 1 / steps + ahead**2 / spread(steps))
    ends = [0.0]
    for level in levels:
        quantile = t_quantile(level, steps - 2)
        ends += [-quantile, quantile]
    parts = len(ends)
    return np.stack([np.ones(parts * horizon), np.tile(ahead, parts), np.kron(ends, deviation)])
