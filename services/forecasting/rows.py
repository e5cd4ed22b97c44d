"""All that is wanted of a share of the series in one array: forecasts, intervals and the errors that judge them."""

import numpy as np

from services.forecasting.accuracy import Bounds, holdout_mase
from services.forecasting.layout import RowLayout
from services.forecasting.models import model_named
from services.forecasting.ols_rows import ols_rows
from services.forecasting.panel import BLOCK_SERIES, FloatArray, as_panel, check_holdout, check_request

__all__ = ["RowLayout", "forecast_rows"]


def forecast_rows(
    model_name: str,
    panel: FloatArray,
    horizon: int,
    levels: tuple[int, ...],
    season_length: int = 1,
    bounds: Bounds | None = None,
) -> FloatArray:
    """(series, RowLayout(horizon, levels).width): a row for each series of `panel` (series, steps).

    Forecasts and intervals are clipped to `bounds`; the errors are those of the clipped forecasts. A series' row does
    not depend on the series beside it: any division of the panel among ranks gives the same bits. Raises ValueError if
    the model is unknown or the panel too short.
    """
    panel = as_panel(panel)
    steps, min_steps = panel.shape[1], model_named(model_name).min_steps
    check_request(steps, horizon, levels, season_length, min_steps)
    check_holdout(steps, horizon, min_steps)
    layout = RowLayout(horizon, levels)
    if model_name == "ols":
        return ols_rows(panel, layout, bounds)
    rows = np.empty((len(panel), layout.width))
    for start in range(0, len(panel), BLOCK_SERIES):
        block = slice(start, start + BLOCK_SERIES)
        _fill(rows[block], panel[block], model_name, layout, season_length, bounds)
    return rows


def _fill(
    rows: FloatArray, block: FloatArray, model_name: str, layout: RowLayout, season_length: int, bounds: Bounds | None
) -> None:
    forecast = model_named(model_name).fit_forecast(block, layout.horizon, layout.levels, season_length)
    layout.mean(rows)[:] = forecast.mean
    for index in range(len(layout.levels)):
        layout.lower(rows, index)[:] = forecast.lower[index]
        layout.upper(rows, index)[:] = forecast.upper[index]
    if bounds is not None:
        np.clip(rows[:, :-2], *bounds, out=rows[:, :-2])
    rows[:, -2], rows[:, -1] = holdout_mase(model_name, block, layout.horizon, season_length, bounds)
