"""The last value, repeated: the baseline that a model has to beat."""

import numpy as np

from services.forecasting.forecast import Forecast, normal_forecast
from services.forecasting.panel import FloatArray, as_panel, changes_and_gap, check_request

MIN_STEPS = 2
"""One change, to know how large changes are."""


def fit_forecast(panel: FloatArray, horizon: int, levels: tuple[int, ...], season_length: int = 1) -> Forecast:
    """See `Model`. The deviation `h` steps ahead is sigma * sqrt(h), sigma the root mean square of one-step changes.

    Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., table 5.2 with equation 5.1.
    """
    panel = as_panel(panel)
    check_request(panel.shape[1], horizon, levels, season_length, MIN_STEPS)
    mean = np.repeat(panel[:, -1:], horizon, axis=1)
    changes = changes_and_gap(panel)[:, :-1]
    sigma = np.sqrt(np.vecdot(changes, changes) / changes.shape[1])
    growth = np.sqrt(np.arange(1, horizon + 1))
    return normal_forecast(mean, sigma[:, None] * growth, levels)
