"""How fast the models are: processor time of one core, so that other programs' does not count; every figure a median.

The first line compares `forecast_rows` for "ols" (forecast, intervals, error of the hold-out and of the baseline) with
`np.sum` over the same memory, which is about the fastest that memory can be read. The table gives `MODELS` its costs.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in a rank; read when NumPy is imported

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from services.forecasting.models import MODELS
from services.forecasting.rows import forecast_rows

HORIZON, LEVELS, BOUNDS = 10, (80, 95), (0.0, 1.0)


def medians(calls: Sequence[Callable[[], object]], repeats: int) -> list[float]:
    """Seconds each call takes, by turns, so that a slow moment of the machine meets all of them."""
    times = np.empty((repeats + 1, len(calls)))
    for turn in times:
        for index, call in enumerate(calls):
            start = time.process_time()
            call()
            turn[index] = time.process_time() - start
    return [float(value) for value in np.median(times[1:], axis=0)]


def main() -> None:
    """Print the ratio to `np.sum` for series of three kinds, then each model's time for a series."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    random = np.random.default_rng(1)
    uniform = random.random((options.series, options.steps))
    walks = 100 + np.cumsum(uniform - 0.5, axis=1)
    for name, panel, bounds in (
        ("uniform", uniform, BOUNDS),
        ("uniform, no bounds", uniform, None),
        ("walks", walks, None),
    ):
        forecast = partial(forecast_rows, "ols", panel, HORIZON, LEVELS, bounds=bounds)
        read, rows = medians([partial(np.sum, panel), forecast], options.repeats)
        rate = options.series / rows / 1e6
        print(f"ols, {name}: {rows / read:.2f} x np.sum ({read / rows:.2f} of its speed), {rate:.2f} M series/s")
    share = uniform[: max(options.series // 25, 1)]
    calls = [partial(forecast_rows, model, share, HORIZON, LEVELS) for model in MODELS]
    times = dict(zip(MODELS, medians(calls, max(options.repeats // 2, 1)), strict=True))
    for model, seconds in times.items():
        print(f"{model:6} {seconds / len(share) * 1e6:8.3f} us a series, cost {seconds / times['ols']:7.1f}")


if __name__ == "__main__":
    main()
