"""Decodes Parquet, after a look at its declared shape."""

import io

import polars as pl

from services.errors import InvalidError
from services.masterdata.reading.long import is_long
from services.masterdata.reading.panel import Demands
from services.masterdata.reading.table import Table

FIRST_ROW = 1
# polars panics, too, over damaged files.
_DAMAGED = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OverflowError)


def decode(body: bytes, demands: Demands) -> Table:
    """The file's table; raises InvalidError or TooLargeError."""
    try:
        return _decode(body, demands)
    except _DAMAGED as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise InvalidError(f"the file cannot be read as Parquet: {first}") from error


def _decode(body: bytes, demands: Demands) -> Table:
    lazy = pl.scan_parquet(io.BytesIO(body))
    schema = lazy.collect_schema()
    names = [name.strip() for name in schema]
    if not names:
        raise InvalidError("the file cannot be read as Parquet: it has no columns")
    nested = [name for name, kind in schema.items() if kind.is_nested()]
    if nested:
        raise InvalidError(f"column {nested[0]} holds {schema[nested[0]]}, not numbers", f"column {nested[0]}")
    rows = lazy.select(pl.len()).collect().item()
    demands.check_size(1 if is_long(names) else max(len(names) - 1, 1), rows)
    frame = lazy.collect()
    frame.columns = [str(column) for column in range(len(names))]
    return Table(names, frame, FIRST_ROW)
