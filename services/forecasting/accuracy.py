"""What a forecast is worth: its error over steps held out, beside that of the naive baseline.

The error is the mean absolute scaled error (MASE; Hyndman & Koehler, "Another look at measures of forecast accuracy",
International Journal of Forecasting 22, 2006): the mean absolute error over the held-out steps divided by the mean
absolute one-step change within the training part. It is NaN, whatever the error, where the training part is constant:
there is no scale then.
"""

import numpy as np

from services.forecasting.models import model_named
from services.forecasting.panel import FloatArray, as_panel, changes_and_gap, check_holdout, check_request

Bounds = tuple[float, float]


def holdout_mase(
    model_name: str, panel: FloatArray, horizon: int, season_length: int = 1, bounds: Bounds | None = None
) -> tuple[FloatArray, FloatArray]:
    """(mase, naive_mase), each (series,): of the model fitted without the last `horizon` steps, and of the last value.

    Both forecasts are clipped to `bounds`. Raises ValueError if the horizon leaves fewer steps than the model needs.
    """
    model = model_named(model_name)
    panel = as_panel(panel)
    check_request(panel.shape[1], horizon, (), season_length, model.min_steps)
    check_holdout(panel.shape[1], horizon, model.min_steps)
    train, held_out = np.ascontiguousarray(panel[:, :-horizon]), panel[:, -horizon:]
    forecast = model.fit_forecast(train, horizon, (), season_length).mean
    naive = train[:, -1:]
    if bounds is not None:
        forecast, naive = np.clip(forecast, *bounds), np.clip(naive, *bounds)
    scale = naive_scale(train)
    return (
        scaled(np.abs(held_out - forecast).mean(axis=1), scale),
        scaled(np.abs(held_out - naive).mean(axis=1), scale),
    )


def naive_scale(panel: FloatArray, holdout: int = 0, scratch: FloatArray | None = None) -> FloatArray:
    """(series,): mean absolute one-step change of a panel without its last `holdout` steps."""
    changes = changes_and_gap(panel, scratch)
    np.abs(changes, out=changes)
    count = panel.shape[1] - holdout - 1
    total: FloatArray = np.vecdot(changes[:, :count], np.ones(count))
    total /= count
    return total


def scaled(error: FloatArray, scale: FloatArray) -> FloatArray:
    """`error / scale`, NaN where the scale is zero."""
    result: FloatArray = np.full(error.shape, np.nan)
    np.divide(error, scale, out=result, where=scale > 0)
    return result
