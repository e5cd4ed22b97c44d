"""Forecasts of whole panels: how much of the time is that of reading the memory, and what others need for the same.

Processor time of one core, so that other programs' does not count. `forecast_rows` gives forecast, intervals, and the
error over held-out steps beside the naive one; `np.sum` over the same memory is about the fastest that it can be read.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in a rank; read when NumPy is imported

import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from statsforecast.models import Naive

from benchmarks import measure
from benchmarks.drain import RIVALS_PYTHON
from benchmarks.measure import Row
from services.forecasting.models import MODELS
from services.forecasting.rows import forecast_rows

STEPS, HORIZON, LEVELS, BOUNDS = 300, 10, (80, 95), (0.0, 1.0)
_CHUNK = 100_000
LOOP = Path(__file__).parent / "rivals/loop_sklearn.py"


def processor(call: Callable[[], object]) -> float:
    """Seconds of the processor's time."""
    start = time.process_time()
    call()
    return time.process_time() - start


def rows(quick: bool) -> Iterator[Row]:
    """Against the memory, then against others; then each model's cost, for `MODELS`."""
    count = 2000 if quick else 1_000_000
    panel = np.random.default_rng(1).random((count, STEPS))
    yield against_memory(panel, 1 if quick else measure.ROUNDS)
    share = panel[: 200 if quick else _CHUNK]
    yield from against_others(share, 1 if quick else measure.ROUNDS)
    yield costs(panel[: max(count // 250, 100)])


def ours(panel: NDArray[np.float64]) -> None:
    """As the ranks are given series: so many at a time."""
    for first in range(0, len(panel), _CHUNK):
        forecast_rows("ols", panel[first : first + _CHUNK], HORIZON, LEVELS, bounds=BOUNDS)


def against_memory(panel: NDArray[np.float64], rounds: int) -> Row:
    """Speed as a share of that of np.sum."""
    calls = {
        "np.sum": partial(processor, partial(np.sum, panel)),
        "forecasts": partial(processor, partial(ours, panel)),
    }
    found = measure.rounds(calls, rounds)
    name = f"forecasts, intervals and errors of {len(panel):,} series of {STEPS} steps: reading that memory once"
    return Row(name, measure.ratio(found, "np.sum", "forecasts"), least=0.3, figures=measure.figures(found, "ms", 1000))


def against_others(panel: NDArray[np.float64], rounds: int) -> Iterator[Row]:
    """Series a second beside statsforecast with levels and scikit-learn in a loop, both of fewer series."""
    few = panel[: max(len(panel) // 20, 100)]
    calls = {
        "foresail": lambda: len(panel) / processor(partial(ours, panel)),
        "statsforecast": lambda: len(few) / processor(partial(statsforecast, few)),
        "scikit-learn": lambda: looped(len(few)),
    }
    found = measure.rounds(calls, rounds)
    for rival, what in (
        ("statsforecast", "statsforecast (Naive) with levels"),
        ("scikit-learn", "scikit-learn in a loop"),
    ):
        yield Row(
            f"forecasts of {len(panel):,} series: {what}",
            measure.ratio(found, "foresail", rival),
            least=100,
            figures=measure.figures(found, "series/s"),
        )


def statsforecast(panel: NDArray[np.float64]) -> None:
    """Its cheapest model, without a data frame around it, with intervals."""
    model = Naive()
    for series in panel:
        model.forecast(y=series, h=HORIZON, level=list(LEVELS))


def looped(count: int) -> float:
    """Series a second of a line through each by scikit-learn, and its error; no intervals."""
    done = subprocess.run([RIVALS_PYTHON, LOOP, str(count)], capture_output=True, text=True, check=True)
    return count / float(done.stdout)


def costs(panel: NDArray[np.float64]) -> Row:
    """Each model's time for a series."""
    warnings.simplefilter("error")
    calls = {model: partial(processor, partial(forecast_rows, model, panel, HORIZON, LEVELS)) for model in MODELS}
    times = {model: min(found) for model, found in measure.rounds(calls).items()}
    told = "; ".join(
        f"{model} {seconds / len(panel) * 1e6:.2f} us a series, cost {seconds / times['ols']:.1f}"
        for model, seconds in times.items()
    )
    return Row("cost of the models", None, figures=told)


if __name__ == "__main__":
    measure.main(rows, __doc__)
