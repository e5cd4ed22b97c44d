"""Rows of the default model with each value of the panel fetched from memory once: it is memory that limits the speed.

The sums of a whole series are those of its training part plus those of the held-out steps, so that one look gives the
line through either. All else that is done to a block of series finds it in the cache.
"""

from dataclasses import dataclass

import numpy as np

from services.forecasting.accuracy import Bounds, naive_scale, scaled
from services.forecasting.extrapolation import extrapolation
from services.forecasting.layout import RowLayout
from services.forecasting.line import Line, centre, distances, line_of_sums, spread, sums
from services.forecasting.panel import BLOCK_SERIES, FloatArray, sum_steps


def ols_rows(panel: FloatArray, layout: RowLayout, bounds: Bounds | None) -> FloatArray:
    """(series, layout.width): what `forecast_rows` promises, for "ols" and a panel already found long enough."""
    series, steps = panel.shape
    weights = np.zeros((3, layout.width))
    weights[:, :-2] = extrapolation(steps, layout.horizon, layout.levels)
    # Whole blocks, also at the end: a matrix product of always the same shape gives a row the same bits wherever it is.
    rows = np.empty((-(-series // BLOCK_SERIES) * BLOCK_SERIES, layout.width))
    parameters = np.zeros((3, BLOCK_SERIES))
    scratch = np.empty(min(series, BLOCK_SERIES) * steps)
    for start in range(0, series, BLOCK_SERIES):
        block, into = panel[start : start + BLOCK_SERIES], rows[start : start + BLOCK_SERIES]
        scale = naive_scale(block, layout.horizon, scratch)
        held_out = np.ascontiguousarray(block[:, steps - layout.horizon :].T)
        lines = _fit(block, held_out, scratch)
        parameters[:, : len(block)] = lines.full.level, lines.full.slope, np.sqrt(lines.full.squares / (steps - 2))
        np.matmul(parameters.T, weights, out=into)
        if bounds is not None:
            np.clip(into, *bounds, out=into)
        errors = _errors(block, held_out, lines, bounds)
        for column, error in zip((-2, -1), errors, strict=True):
            into[: len(block), column] = scaled(error, scale)
    return rows[:series]


@dataclass(frozen=True, slots=True)
class _Lines:
    full: Line
    train_level: FloatArray
    train_slope: FloatArray


def _fit(block: FloatArray, held_out: FloatArray, scratch: FloatArray) -> _Lines:
    """`held_out` is (horizon, series): sums over the few steps are then sums of long vectors."""
    horizon, steps = len(held_out), block.shape[1]
    trained = steps - horizon
    total, weighted = sums(block[:, :trained])
    full_total = total + sum_steps(held_out)
    ahead = distances(trained, steps, centre(steps))
    full_weighted = weighted - total * (horizon / 2) + sum_steps(ahead[:, None] * held_out)
    full = line_of_sums(block, full_total, full_weighted, scratch)
    return _Lines(full, total / trained, weighted / spread(trained))


def _errors(
    block: FloatArray, held_out: FloatArray, lines: _Lines, bounds: Bounds | None
) -> tuple[FloatArray, FloatArray]:
    """Mean absolute errors over the held-out steps of the line and of the last value before them, each (series,)."""
    trained = block.shape[1] - len(held_out)
    forecast = np.multiply.outer(distances(trained, block.shape[1], centre(trained)), lines.train_slope)
    forecast += lines.train_level
    naive = block[:, trained - 1].copy()
    if bounds is not None:
        np.clip(forecast, *bounds, out=forecast)
        np.clip(naive, *bounds, out=naive)
    return _mean_distance(forecast, held_out), _mean_distance(naive, held_out)


def _mean_distance(forecast: FloatArray, held_out: FloatArray) -> FloatArray:
    distance = np.subtract(held_out, forecast)
    np.abs(distance, out=distance)
    return sum_steps(distance) / len(held_out)
