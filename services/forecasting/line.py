"""The least-squares line through each series, from sums that take one look at each value.

With the origin of time in the middle of the steps, level (the mean) and slope are two independent sums; the residual
sum of squares then follows from the sum of squares. That last difference loses digits where the residuals are small
beside the values, as those of prices are, so for such series the residuals themselves are computed.
"""

from dataclasses import dataclass

import numpy as np

from services.forecasting.panel import FloatArray

CAREFUL_BELOW = 1e-2
"""Residuals' share in the sum of squares below which the difference is not trusted: above, it loses two digits."""


@dataclass(frozen=True, slots=True)
class Line:
    """`level + slope * (step - centre)`; `squares` is the residual sum of squares. All are (series,)."""

    level: FloatArray
    slope: FloatArray
    squares: FloatArray


def centre(steps: int) -> float:
    """The middle of the steps 0 ... steps - 1."""
    return (steps - 1) / 2


def spread(steps: int) -> float:
    """Sum of the squared distances of the steps from their centre."""
    return steps * (steps * steps - 1) / 12


def distances(first: int, last: int, origin: float) -> FloatArray:
    """(last - first,): how far each step of `range(first, last)` is from `origin`."""
    return np.arange(first, last, dtype=np.float64) - origin


def sums(panel: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Each series' sum and its sum weighted by the distance of the steps from their centre.

    `vecdot` and not a matrix product: it is as fast here, and what it gives for a series does not depend on the others.
    """
    steps = panel.shape[1]
    return np.vecdot(panel, np.ones(steps)), np.vecdot(panel, distances(0, steps, centre(steps)))


def fit_line(panel: FloatArray) -> Line:
    """Fit each row of `panel` (series, steps), at least two steps, on time."""
    return line_of_sums(panel, *sums(panel), np.empty(panel.size))


def line_of_sums(panel: FloatArray, total: FloatArray, weighted: FloatArray, scratch: FloatArray) -> Line:
    """The line of a panel whose sums about its centre are known; `scratch` is memory for panel.size values."""
    steps = panel.shape[1]
    level, slope = total / steps, weighted / spread(steps)
    whole = np.vecdot(panel, panel)
    squares = whole - level * total - slope * weighted
    careful = squares < CAREFUL_BELOW * whole
    if careful.any():
        residuals = scratch[: panel.size].reshape(panel.shape)
        np.multiply.outer(slope, distances(0, steps, centre(steps)), out=residuals)
        residuals += level[:, None]
        np.subtract(panel, residuals, out=residuals)
        squares = np.where(careful, np.vecdot(residuals, residuals), squares)
    return Line(level, slope, squares)
