"""The last value, then on along the mean change: a line through the first and the last value, prolonged."""

import numpy as np

from services.forecasting.forecast import Forecast, normal_forecast
from services.forecasting.panel import FloatArray, as_panel, changes_and_gap, check_request

MIN_STEPS = 3
"""Two changes: one to know their mean, one more to know how they vary."""


def fit_forecast(panel: FloatArray, horizon: int, levels: tuple[int, ...], season_length: int = 1) -> Forecast:
    """See `Model`. The deviation `h` steps ahead is sigma * sqrt(h * (1 + h / (steps - 1))).

    Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., table 5.2; sigma by equation 5.1 with one
    parameter and one missing residual, so that it is divided by steps - 2.
    """
    panel = as_panel(panel)
    steps = panel.shape[1]
    check_request(steps, horizon, levels, season_length, MIN_STEPS)
    drift = (panel[:, -1] - panel[:, 0]) / (steps - 1)
    ahead = np.arange(1, horizon + 1)
    mean = panel[:, -1:] + drift[:, None] * ahead
    residuals = changes_and_gap(panel)
    residuals -= drift[:, None]
    sigma = np.sqrt(np.vecdot(residuals[:, :-1], residuals[:, :-1]) / (steps - 2))
    growth = np.sqrt(ahead * (1 + ahead / (steps - 1)))
    return normal_forecast(mean, sigma[:, None] * growth, levels)
