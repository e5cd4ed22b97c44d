"""Cells as finite numbers, or the cells that are none."""

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

from services.masterdata.reading.faults import Faults, quoted
from services.masterdata.reading.panel import Demands
from services.masterdata.reading.table import Table

_TOO_LARGE = 1e150
"""Squares of larger numbers are not finite, and no forecast of them would be."""
_TOO_SMALL = 1e-150
"""Squares of smaller numbers vanish, and intervals of them would have no width."""
_DECIMAL_COMMA = re.compile(r"[+-]?[\d.]*,\d+")


def read(table: Table, columns: list[int], demands: Demands, faults: Faults) -> NDArray[np.float64]:
    """The columns as float64 of shape (columns, rows), C-contiguous; what is no finite number in bounds is a fault.

    Raises InvalidError at once where a whole column can hold no numbers.
    """
    cells = [table.frame.to_series(column) for column in columns]
    _check_kinds(table, columns, cells, faults)
    if len({column.dtype for column in cells}) > 1:
        cells = [_floats(column) for column in cells]
    # All columns as one: a call for each of 100,000 columns takes ten times as long.
    values = _floats(pl.concat(cells, rechunk=True)).to_numpy().reshape(len(columns), -1)
    sizes = np.abs(values)
    wrong = ~(sizes < _TOO_LARGE) | ((sizes > 0) & (sizes < _TOO_SMALL))
    if demands.bounds is not None:
        wrong |= (values < demands.bounds[0]) | (values > demands.bounds[1])
    for row, at in np.argwhere(wrong.T)[: faults.room].tolist():
        why = _why(table.frame.item(row, columns[at]), values[at, row], demands)
        faults.add(table.place(row, columns[at]), why)
    return values


def _check_kinds(table: Table, columns: list[int], cells: list[pl.Series], faults: Faults) -> None:
    others = [at for at, column in enumerate(cells) if not _may_hold_numbers(column.dtype)]
    for at in others:
        faults.add(f"column {table.names[columns[at]]}", f"it holds {cells[at].dtype}, not numbers")
    if others:
        faults.raise_any()


def _may_hold_numbers(kind: pl.DataType) -> bool:
    return kind.is_numeric() or kind in (pl.String, pl.Null)


def _floats(cells: pl.Series) -> pl.Series:
    """The cells as float64, null where they are no numbers."""
    if cells.dtype == pl.String:
        cells = cells.str.strip_chars()
    return cells.cast(pl.Float64, strict=False)


def _why(cell: object, value: float, demands: Demands) -> str:
    text = str(cell).strip()
    if cell is None or not text:
        return "the cell is empty; every series needs a value at every step"
    if np.isfinite(value):
        return _out_of_range(value, demands.bounds)
    if _DECIMAL_COMMA.fullmatch(text):
        return f"{quoted(text)} has a decimal comma; write numbers with a point"
    if isinstance(cell, str) and np.isnan(value) and text.lower().lstrip("+-") != "nan":
        return f"{quoted(text)} is not a number"
    return f"{text[:40]} is not a finite number"


def _out_of_range(value: float, bounds: tuple[float, float] | None) -> str:
    if abs(value) >= _TOO_LARGE:
        return f"{value:g} is too large; numbers are below {_TOO_LARGE:g} in size"
    if bounds is None or 0 < abs(value) < _TOO_SMALL:
        return f"{value:g} is too small; numbers other than 0 are at least {_TOO_SMALL:g} in size"
    return f"{value:g} lies outside the bounds {bounds[0]:g} to {bounds[1]:g}"
