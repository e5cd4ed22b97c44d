"""What the demo feeds in: real prices, and jobs on them and on the built-in dataset."""

import csv
from importlib.metadata import distribution
from itertools import product
from pathlib import Path

import polars

DAYS = 756
"""Three years of trading days."""
COMPANIES = ("AAPL", "JNJ", "JPM", "MSFT", "PEP", "WMT", "XOM")
_SOURCE = "skfolio/datasets/data/sp500_dataset.csv.gz"


def prices_file(path: Path) -> None:
    """Write the last three years of adjusted closes of 20 companies, 2019-12 to 2022-12.

    The data ship with skfolio (BSD-3-Clause) for tests and examples; only that file is read.
    """
    prices = polars.read_csv(str(distribution("skfolio").locate_file(_SOURCE)))
    prices.tail(DAYS).write_csv(path)


def jobs_file(path: Path) -> None:
    """Write 301 jobs: one for all the companies above, 180 for single ones, 120 for the built-in dataset."""
    with path.open("w", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(("assets", "dataset", "model", "horizon"))
        lines.writerow((" ".join(COMPANIES), "prices", "theta", 20))
        lines.writerows((asset, "prices", model, days) for asset, model, days in product(range(20), _MODELS, _HORIZONS))
        lines.writerows((f"{first} {first + 1} {first + 2}", "market", "ols", 10) for first in range(97))
        lines.writerows((first, "market", "theta", 10) for first in range(23))


_MODELS = ("ols", "drift", "theta")
_HORIZONS = (5, 10, 20)
