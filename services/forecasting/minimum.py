"""The minima of many functions of one variable at once, each within a bracket of its own."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.forecasting.panel import FloatArray

GOLDEN = (3 - 5**0.5) / 2
NEAREST = 1e-6
"""A probe keeps this far from the best point, as a share of the bracket: nearer, rounding decides which is lower."""

Functions = Callable[[FloatArray], FloatArray]
"""Value of each function at its own point: (functions,) to (functions,)."""


@dataclass(frozen=True, slots=True)
class Points:
    """A point of each function and the value there, both (functions,)."""

    at: FloatArray
    value: FloatArray

    def where(self, chosen: NDArray[np.bool_], other: "Points") -> "Points":
        """These points where `chosen`, those of `other` elsewhere."""
        return Points(np.where(chosen, self.at, other.at), np.where(chosen, self.value, other.value))


def refine(functions: Functions, low: Points, best: Points, high: Points, probes: int) -> Points:
    """The lowest points found by `probes` more evaluations within `low.at` ≤ `best.at` ≤ `high.at`.

    Each probe is at the vertex of the parabola through the three points or, where that is of no use, at the golden
    section of the wider side (Brent, Algorithms for Minimization without Derivatives, 1973, without its tests of
    progress).
    """
    for _ in range(probes):
        at = _next(low, best, high)
        probe = Points(at, functions(at))
        better, right = probe.value < best.value, probe.at > best.at
        # The point given up becomes the end of the bracket on its side of the lower one.
        low, high = (
            best.where(better & right, probe.where(~better & ~right, low)),
            best.where(better & ~right, probe.where(~better & right, high)),
        )
        best = probe.where(better, best)
    return best


def _next(low: Points, best: Points, high: Points) -> FloatArray:
    left, right = best.at - low.at, high.at - best.at
    from_low, from_high = right * (low.value - best.value), left * (high.value - best.value)
    curvature = 2 * (from_low + from_high)
    step = np.zeros_like(left)
    np.divide(right * from_low - left * from_high, curvature, out=step, where=curvature > 0)
    golden = GOLDEN * np.where(right > left, right, -left)
    nearest = NEAREST * (left + right)
    usable = (curvature > 0) & (step > -left) & (step < right)
    step = np.where(usable, step, golden)
    return best.at + np.where(np.abs(step) < nearest, np.copysign(nearest, golden), step)
