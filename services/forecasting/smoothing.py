"""Simple exponential smoothing of many series at once, each with its own best smoothing parameter and start."""

import math
from dataclasses import dataclass
from functools import partial

import numpy as np

from services.forecasting.minimum import Points, refine
from services.forecasting.panel import FloatArray, sum_steps

BURN_IN = 3
"""First errors that do not count, as in statsforecast's theta models: they say more of the start than of the series."""
ALPHAS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99)
"""Where the best alpha is looked for first; its bounds are statsforecast's."""
PROBES = 10
"""Evaluations that then refine it, to 3e-4 at worst: the sum of squares is then within 1e-6 of the least."""
NEGLIGIBLE = 1e-17
"""What the start still weighs when its errors are no longer summed: less than rounding."""


@dataclass(frozen=True, slots=True)
class Smoothed:
    """What smoothing found for each series; all are (series,)."""

    alpha: FloatArray
    level: FloatArray
    """The level after the last step: the forecast of all steps to come."""
    sigma: FloatArray
    """Standard deviation of the one-step errors about their mean, without the first BURN_IN."""


def smooth(panel: FloatArray) -> Smoothed:
    """Smooth each row of `panel` (series, steps > BURN_IN + 1), alpha and start chosen for the least squared errors."""
    # One row a step: the recursion over steps then works on whole vectors of series.
    by_step = np.ascontiguousarray(panel.T)
    alpha = _best_alpha(by_step)
    run = _run(by_step, alpha, min(ALPHAS))
    errors = _errors(by_step, alpha, by_step[0] + run.correction)[BURN_IN:]
    errors -= sum_steps(errors) / len(errors)
    sigma = np.sqrt(sum_steps(np.square(errors)) / (len(errors) - 1))
    return Smoothed(alpha, run.level, sigma)


@dataclass(frozen=True, slots=True)
class _Run:
    squares: FloatArray
    correction: FloatArray
    level: FloatArray


def _run(by_step: FloatArray, alpha: FloatArray, least_alpha: float) -> _Run:
    """Smooth with given alphas, none below `least_alpha`, and the best start for each.

    Errors are linear in the start: started from the first value plus c, error t is d[t] - c * (1 - alpha) ** t with d
    the errors when started from the first value. The best c is a regression without intercept: no search.
    """
    steps, decay = len(by_step), 1 - alpha
    level = by_step[0].copy()
    weight = decay**BURN_IN
    dd, dw, error, product = (np.zeros_like(level) for _ in range(4))
    reach = BURN_IN + math.log(NEGLIGIBLE) / math.log(1 - least_alpha)
    for step, value in enumerate(by_step):
        np.subtract(value, level, out=error)
        if step >= BURN_IN:
            dd += np.multiply(error, error, out=product)
            if step <= reach:
                dw += np.multiply(error, weight, out=product)
                weight *= decay
        level += np.multiply(error, alpha, out=error)
    ww = (decay ** (2 * BURN_IN) - decay ** (2 * steps)) / (1 - decay**2)
    correction = dw / ww
    return _Run(dd - correction * dw, correction, level + correction * decay**steps)


def _squares(by_step: FloatArray, alpha: FloatArray) -> FloatArray:
    return _run(by_step, alpha, min(ALPHAS)).squares


def _errors(by_step: FloatArray, alpha: FloatArray, start: FloatArray) -> FloatArray:
    errors = np.empty_like(by_step)
    level = start.copy()
    for value, error in zip(by_step, errors, strict=True):
        np.subtract(value, level, out=error)
        level += alpha * error
    return errors


def _best_alpha(by_step: FloatArray) -> FloatArray:
    grid, all_series = np.array(ALPHAS), np.arange(by_step.shape[1])
    found = np.stack([_run(by_step, np.full(len(all_series), alpha), alpha).squares for alpha in ALPHAS])
    best = found.argmin(axis=0)
    low, middle, high = (
        Points(grid[index], found[index, all_series])
        for index in (np.maximum(best - 1, 0), best, np.minimum(best + 1, len(grid) - 1))
    )
    return refine(partial(_squares, by_step), low, middle, high, PROBES).at
