"""The built-in dataset `market`: random series, the same on every rank and every machine."""

import numpy as np

from services.forecasting.panel import FloatArray


def market_panel(seed: int, series: int = 100, steps: int = 300) -> FloatArray:
    """(series, steps) values drawn uniformly from [0, 1); NumPy keeps PCG64's stream the same on all platforms."""
    return np.random.Generator(np.random.PCG64(seed)).random((series, steps))
