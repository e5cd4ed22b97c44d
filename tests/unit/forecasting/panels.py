"""The panels that the tests of this folder share."""

import numpy as np

from services.forecasting.panel import FloatArray


def uniform(series: int, steps: int, seed: int = 1) -> FloatArray:
    """Like the built-in market: no trend, no memory, in [0, 1)."""
    return np.random.default_rng(seed).random((series, steps))


def walks(series: int, steps: int, seed: int = 2) -> FloatArray:
    """Like prices: levels far above their changes."""
    return 1000 + np.cumsum(np.random.default_rng(seed).normal(size=(series, steps)), axis=1)


def seasonal(series: int, steps: int, season_length: int, seed: int = 3) -> FloatArray:
    """Positive, with a trend and a season that grows with it, of a shape of its own for each series."""
    random = np.random.default_rng(seed)
    season = 1 + 0.4 * random.uniform(-1, 1, size=(series, season_length))
    trend = 50 + random.uniform(0, 1, size=(series, 1)) * np.arange(steps)
    return trend * season[:, np.arange(steps) % season_length] * random.normal(1, 0.03, size=(series, steps))


KINDS = {"uniform": uniform(40, 120), "walks": walks(40, 120), "steep": walks(40, 120) + 50 * np.arange(120)}
