"""What reading gives, and what it demands of the file."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.errors import InvalidError, TooLargeError

CSV = "text/csv"
PARQUET = "application/vnd.apache.parquet"
UNREADABLE = "the file cannot be read: it is damaged, or reading it takes more memory or time than its size allows"
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class File:
    """What was uploaded; `media_type` is CSV or PARQUET."""

    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Demands:
    """What a dataset must fulfil. `bounds` are the lowest and the highest value, where values have any."""

    least_steps: int
    most_series: int
    most_mib: int
    bounds: tuple[float, float] | None = None

    def check_size(self, series: int, steps: int) -> None:
        """Refuse with TooLargeError what would not fit into the store, before it is decoded."""
        if series > self.most_series:
            raise TooLargeError(f"the dataset has {series} series; at most {self.most_series} are taken")
        if series * steps * 8 > self.most_mib * _MIB:
            size = series * steps * 8 / _MIB
            raise TooLargeError(
                f"the dataset's values take {size:.4g} MiB (8 bytes each); at most {self.most_mib} MiB are taken"
            )

    def check_length(self, series: int, steps: int) -> None:
        """Refuse with InvalidError what no forecast can be made of."""
        if series == 0:
            raise InvalidError("the file has no series: beside the column of stamps there has to be one for each asset")
        if steps < self.least_steps:
            raise InvalidError(f"the dataset has {steps} steps; at least {self.least_steps} are needed")


@dataclass(frozen=True, slots=True)
class Panel:
    """A read dataset: `values` are float64 of shape (series, steps), C-contiguous, finite, the oldest step first.

    `first` and `last` are the stamps of the first and the last step, empty where the file has none.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    first: str = ""
    last: str = ""
