"""The standard theta method: the mean of a line and simple exponential smoothing, winner of the M3 competition.

Assimakopoulos & Nikolopoulos, "The theta model: a decomposition approach to forecasting", International Journal of
Forecasting 16, 2000. It is computed as what it was shown to be, simple exponential smoothing with a drift of half the
slope of the least-squares line (Hyndman & Billah, "Unmasking the Theta method", ibid. 19, 2003), with smoothing and
start chosen together as in Fiorucci et al., "Models for optimising the theta method", ibid. 32, 2016.
"""

import numpy as np

from services.forecasting.forecast import Forecast, normal_forecast
from services.forecasting.line import distances, fit_line
from services.forecasting.panel import FloatArray, as_panel, check_request
from services.forecasting.seasonality import find_seasons
from services.forecasting.smoothing import BURN_IN, smooth

MIN_STEPS = BURN_IN + 2
"""The first residuals are not counted; two are needed to know how they vary."""


def fit_forecast(panel: FloatArray, horizon: int, levels: tuple[int, ...], season_length: int = 1) -> Forecast:
    """See `Model`. A season is taken out before and put back after, where a test finds one (see seasonality.py).

    The deviation `h` steps ahead is that of exponential smoothing, sigma * sqrt(1 + (h - 1) * alpha ** 2) (Hyndman &
    Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., table 8.8).
    """
    panel = as_panel(panel)
    steps = panel.shape[1]
    check_request(steps, horizon, levels, season_length, MIN_STEPS)
    seasons = find_seasons(panel, season_length)
    level = seasons.remove(panel)
    drift = fit_line(level).slope / 2
    # Time ends at the last step, so that the smoothed level is that of the last step too.
    level -= drift[:, None] * distances(0, steps, steps - 1)
    smoothed = smooth(level)
    ahead = np.arange(1, horizon + 1)
    mean = smoothed.level[:, None] + drift[:, None] * ahead
    deviation = smoothed.sigma[:, None] * np.sqrt(1 + (ahead - 1) * smoothed.alpha[:, None] ** 2)
    factor, offset = seasons.ahead(steps, horizon)
    return normal_forecast(mean * factor + offset, deviation * factor, levels)
