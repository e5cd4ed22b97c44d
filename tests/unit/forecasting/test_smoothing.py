import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from services.forecasting.smoothing import ALPHAS, BURN_IN, _best_alpha, _errors, _run, _squares, smooth
from tests.unit.forecasting.panels import uniform, walks

PANEL = np.concatenate([walks(30, 60), walks(30, 60) + 3 * uniform(30, 60), uniform(30, 60)])
BY_STEP = np.ascontiguousarray(PANEL.T)


@pytest.mark.parametrize("alpha", [0.1, 0.37, 0.99])
def test_the_start_is_the_best_there_is(alpha: float) -> None:
    alphas = np.full(len(PANEL), alpha)
    run = _run(BY_STEP, alphas, min(ALPHAS))
    start = BY_STEP[0] + run.correction
    squares = np.square(_errors(BY_STEP, alphas, start)[BURN_IN:]).sum(axis=0)
    np.testing.assert_allclose(run.squares, squares, rtol=1e-7)
    for nudge in (-0.1, 0.1):
        worse = np.square(_errors(BY_STEP, alphas, start + nudge)[BURN_IN:]).sum(axis=0)
        assert (worse >= squares * (1 - 1e-9)).all()


def test_alpha_is_as_good_as_scipys() -> None:
    found = _squares(BY_STEP, _best_alpha(BY_STEP))
    for row, squares in enumerate(found):
        series = BY_STEP[:, row : row + 1]
        bounds = (min(ALPHAS), max(ALPHAS))
        theirs = minimize_scalar(lambda a, y=series: _squares(y, np.array([a]))[0], bounds=bounds, method="bounded").fun
        assert squares <= theirs * (1 + 2e-6)


def test_the_last_level_is_that_of_a_plain_loop() -> None:
    smoothed = smooth(PANEL)
    for row, series in enumerate(PANEL):
        alpha, level = smoothed.alpha[row], series[0] + _run(BY_STEP, smoothed.alpha, 0.1).correction[row]
        errors = []
        for value in series:
            errors.append(value - level)
            level += alpha * errors[-1]
        assert smoothed.level[row] == pytest.approx(level, rel=1e-12)
        assert smoothed.sigma[row] == pytest.approx(np.std(errors[BURN_IN:], ddof=1), rel=1e-9)


def test_a_long_series_gives_what_summing_every_step_would() -> None:
    # Beyond some 370 steps the start weighs less than rounding and is no longer summed.
    series = walks(4, 1000)
    by_step = np.ascontiguousarray(series.T)
    alpha = np.array([0.1, 0.1, 0.2, 0.5])
    run = _run(by_step, alpha, 0.1)
    start = by_step[0] + run.correction
    squares = np.square(_errors(by_step, alpha, start)[BURN_IN:]).sum(axis=0)
    np.testing.assert_allclose(run.squares, squares, rtol=1e-9)
