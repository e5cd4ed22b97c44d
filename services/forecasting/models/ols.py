"""Ordinary least squares on time: a straight line through each series, prolonged."""

import numpy as np

from services.forecasting.extrapolation import extrapolation
from services.forecasting.forecast import Forecast
from services.forecasting.line import fit_line
from services.forecasting.panel import FloatArray, as_panel, check_request

MIN_STEPS = 3
"""Two parameters leave one degree of freedom for the interval."""


def fit_forecast(panel: FloatArray, horizon: int, levels: tuple[int, ...], season_length: int = 1) -> Forecast:
    """See `Model`. One matrix product forecasts all series; intervals are those of a new observation (Student's t)."""
    panel = as_panel(panel)
    series, steps = panel.shape
    check_request(steps, horizon, levels, season_length, MIN_STEPS)
    line = fit_line(panel)
    parameters = np.stack([line.level, line.slope, np.sqrt(line.squares / (steps - 2))], axis=1)
    parts = (parameters @ extrapolation(steps, horizon, levels)).reshape(series, -1, horizon)
    by_level = parts.transpose(1, 0, 2)
    return Forecast(mean=by_level[0], lower=by_level[1::2], upper=by_level[2::2])
