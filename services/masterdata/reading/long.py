"""Long data: one row for each value, with the columns unique_id, ds and y, in any order."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from services.errors import InvalidError
from services.masterdata.reading import numbers, stamps
from services.masterdata.reading.faults import Faults
from services.masterdata.reading.panel import Demands, Panel
from services.masterdata.reading.stamps import Stamps
from services.masterdata.reading.table import Table, check_name

ID, STAMP, VALUE = "unique_id", "ds", "y"
_COLUMNS = [ID, STAMP, VALUE]
Codes = NDArray[np.int64]


def is_long(names: list[str]) -> bool:
    """Whether these columns are long data's; raises InvalidError where they only resemble them."""
    if sorted(names) == sorted(_COLUMNS):
        return True
    if ID in names:
        raise InvalidError(f"long data has exactly the columns {', '.join(_COLUMNS)}; this has {', '.join(names[:10])}")
    return False


def build(table: Table, demands: Demands) -> Panel:
    """The panel, its series in the order in which they first appear; raises InvalidError or TooLargeError."""
    faults = Faults()
    ids = _ids(table, faults)
    times = stamps.read(table, table.names.index(STAMP), faults)
    values = numbers.read(table, [table.names.index(VALUE)], demands, faults)[0]
    faults.raise_any()
    names = ids.unique(maintain_order=True)
    _, first_rows, steps = np.unique(times.order, return_index=True, return_inverse=True)
    demands.check_size(len(names), 0)
    series = _codes(ids, names)
    order = np.argsort(series * len(first_rows) + steps, kind="stable")
    _check_unique(table, names, times, (series, steps), order, faults)
    faults.raise_any()
    _check_complete(names, times, (series, steps), first_rows, faults)
    faults.raise_any()
    demands.check_length(len(names), len(first_rows))
    shaped = values[order].reshape(len(names), len(first_rows))
    return Panel(tuple(names), shaped, times.label(int(first_rows[0])), times.label(int(first_rows[-1])))


def _ids(table: Table, faults: Faults) -> pl.Series:
    column = table.names.index(ID)
    cells = table.frame.to_series(column)
    if not (cells.dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null) or cells.dtype.is_integer()):
        faults.stop(f"column {ID}", f"it holds {cells.dtype}, not names")
    ids = cells.cast(pl.String).str.strip_chars().fill_null("")
    distinct = pl.DataFrame({"id": ids}).with_row_index("row").unique("id", keep="first", maintain_order=True)
    for row, name in distinct.rows():
        check_name(name, table.place(row, column), faults)
    return ids


def _codes(ids: pl.Series, names: pl.Series) -> Codes:
    """The index into `names` of each of `ids`."""
    known = pl.DataFrame({"id": names}).with_row_index("series")
    joined = pl.DataFrame({"id": ids}).join(known, on="id", how="left", maintain_order="left")
    return joined["series"].cast(pl.Int64).to_numpy()


def _check_unique(
    table: Table, names: pl.Series, times: Stamps, codes: tuple[Codes, Codes], order: Codes, faults: Faults
) -> None:
    series, steps = codes[0][order], codes[1][order]
    for at in np.flatnonzero((np.diff(series) == 0) & (np.diff(steps) == 0))[: faults.room].tolist():
        row, twin = int(order[at + 1]), int(order[at])
        what = f"series {names[int(series[at])]} has {times.label(row)} in row {table.first_row + twin}, too"
        faults.add(table.place(row, table.names.index(STAMP)), what)


def _check_complete(
    names: pl.Series, times: Stamps, codes: tuple[Codes, Codes], first_rows: Codes, faults: Faults
) -> None:
    series, steps = codes
    counts = np.bincount(series, minlength=len(names))
    for short in np.flatnonzero(counts < len(first_rows)).tolist():
        missing = np.setdiff1d(np.arange(len(first_rows)), steps[series == short])
        for step in missing[: faults.room].tolist():
            stamp = times.label(int(first_rows[step]))
            faults.add(f"series {names[short]}", f"it has no value at {stamp}, where another series has one")
        if faults.room == 0:
            return
