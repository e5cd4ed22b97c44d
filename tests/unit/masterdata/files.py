"""Files to read, in the ways in which people write them."""

import io
from collections.abc import Mapping, Sequence

import polars as pl
import pytest

from services.errors import InvalidError
from services.masterdata.reading.panel import CSV, PARQUET, Demands, File, Panel
from services.masterdata.reading.read import read

DEMANDS = Demands(least_steps=3, most_series=1000, most_mib=1)


def csv(text: str, demands: Demands = DEMANDS) -> Panel:
    """Read the text as CSV."""
    return read(File(text.encode(), CSV), demands)


def parquet(columns: Mapping[str, Sequence[object] | pl.Series], demands: Demands = DEMANDS) -> Panel:
    """Read the columns as Parquet."""
    return read(written(pl.DataFrame(columns), PARQUET), demands)


def written(frame: pl.DataFrame, media_type: str) -> File:
    """The frame as a file."""
    stream = io.BytesIO()
    if media_type == CSV:
        frame.write_csv(stream)
    else:
        frame.write_parquet(stream)
    return File(stream.getvalue(), media_type)


def faults(text: str, demands: Demands = DEMANDS) -> list[tuple[str, str]]:
    """What is said to be wrong with the CSV text, and where."""
    with pytest.raises(InvalidError) as caught:
        csv(text, demands)
    return list(caught.value.problems)
