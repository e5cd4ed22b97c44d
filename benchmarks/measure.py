"""What the benchmarks share: rounds by turns, rows with a ratio and its target, and a store of their own.

What is compared is measured by turns, so that a slow moment of the machine meets both; of each round one ratio, and of
the ratios the median. Ratios travel from machine to machine, absolute figures do not.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from services.config import StoreSettings
from services.store.connection import Store
from services.store.embedded import EmbeddedStore

ROUNDS = 5
Found = Mapping[str, Sequence[float]]
"""By name, one figure a round."""


@dataclass(frozen=True, slots=True)
class Row:
    """A promise and what was measured: a ratio that shall be at least or at most so much, or none, only stated."""

    name: str
    ratio: float | None
    least: float | None = None
    most: float | None = None
    figures: str = ""
    """What the ratio was made of."""

    @property
    def target(self) -> str:
        """The target for people; empty where there is none."""
        if self.least is not None:
            return f">= {self.least:g}"
        return "" if self.most is None else f"<= {self.most:g}"

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; none where there is none."""
        if self.ratio is None or not self.target:
            return None
        return self.ratio >= self.least if self.least is not None else self.ratio <= (self.most or 0)


def rounds(calls: Mapping[str, Callable[[], float]], count: int = ROUNDS) -> dict[str, list[float]]:
    """Call each once, uncounted, to be warm; then all by turns, `count` times. One round is to see that they run."""
    for call in calls.values() if count > 1 else ():
        call()
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(count):
        for name, call in calls.items():
            found[name].append(call())
    return found


def ratio(found: Found, name: str, against: str) -> float:
    """The median of one round's figure divided by the other's."""
    return median(one / other for one, other in zip(found[name], found[against], strict=True))


def figures(found: Found, unit: str, scale: float = 1.0, digits: int = 0) -> str:
    """The medians in words."""
    return "; ".join(f"{name} {median(values) * scale:,.{digits}f} {unit}" for name, values in found.items())


@contextmanager
def server() -> Iterator[EmbeddedStore]:
    """A store of its own, with its append-only file, as in production."""
    with tempfile.TemporaryDirectory(prefix="fs-") as folder:
        store = EmbeddedStore(Path(folder) / "store")
        store.start()
        try:
            yield store
        finally:
            store.stop()


def connected(url: str) -> Store:
    """A connection that waits for as long as it takes."""
    return Store.connect(StoreSettings(url=url, timeout_seconds=60))


def said(row: Row) -> str:
    """A row in one line."""
    shown = "" if row.ratio is None else f" {row.ratio:.3g}"
    verdict = {True: ", met", False: ", missed", None: ""}[row.met]
    return f"{row.name}:{shown}{f' (target {row.target}{verdict})' if row.target else ''} | {row.figures}"


def main(rows: Callable[[bool], Iterator[Row]], description: str | None) -> None:
    """Run one benchmark by itself and print its rows; `--quick` shows only that it runs."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="tiny sizes: whether it runs, not how fast")
    for row in rows(parser.parse_args().quick):
        sys.stdout.write(said(row) + "\n")
        sys.stdout.flush()
