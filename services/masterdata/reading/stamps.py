"""Stamps: when each step was. They only have to grow: prices have no weekends, so no regular spacing is asked for."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from services.masterdata.reading.faults import Faults, quoted
from services.masterdata.reading.table import Table

ACCEPTED = "stamps are ISO dates (2024-01-31), ISO datetimes (2024-01-31T12:00:00) or whole numbers"
_LONGEST = 40
"""Bytes of the longest stamp, with nanoseconds and zone."""
_FIRST_DAY, _LAST_DAY = (day.toordinal() - date(1970, 1, 1).toordinal() for day in (date.min, date.max))
_DAY_UNITS = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_LARGEST = 2**63 - 1
_FORMATS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f")
_ZONED_FORMATS = ("%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%.f%z")


@dataclass(frozen=True, slots=True)
class Stamps:
    """A column of stamps: `raw` as they were written, `order` as int64 that grows with time."""

    raw: pl.Series
    order: NDArray[np.int64]

    def label(self, row: int) -> str:
        """The stamp of a row, for people."""
        cell = self.raw[row]
        return cell.isoformat() if isinstance(self.raw.dtype, pl.Date | pl.Datetime) else str(cell)


def read(table: Table, column: int, faults: Faults) -> Stamps:
    """The column's stamps; what is none is noted. Raises InvalidError at once where the column can hold none."""
    raw = table.frame.to_series(column)
    if isinstance(raw.dtype, pl.Categorical | pl.Enum):
        raw = raw.cast(pl.String)
    if raw.dtype == pl.String:
        raw = raw.str.strip_chars()
    order = _ordered(raw)
    if order is None:
        faults.stop(f"column {table.names[column]}", f"it holds {raw.dtype}; {ACCEPTED}")
    if isinstance(raw.dtype, pl.Datetime) and not _has_known_zone(raw.filter(order.is_not_null())):
        zone = quoted(raw.dtype.time_zone)
        faults.stop(f"column {table.names[column]}", f"its zone {zone} is not known; take one such as UTC or +05:30")
    for row in order.is_null().arg_true()[: faults.room].to_list():
        faults.add(table.place(row, column), _why(raw.slice(row, 1)))
    return Stamps(raw, order.fill_null(0).to_numpy())


def is_text(cells: pl.Series) -> bool:
    """Whether the column starts with text that is no number, so that it can only be stamps."""
    first = cells.drop_nulls().head(1)
    return first.dtype == pl.String and first.str.strip_chars().cast(pl.Float64, strict=False).null_count() > 0


def _has_known_zone(moments: pl.Series) -> bool:
    """Whether moments can be told in their zone: a Parquet file may name any."""
    try:
        moments.head(1).to_list()
    except RuntimeError:
        return False
    return True


def _ordered(raw: pl.Series) -> pl.Series | None:
    """int64 that grows with time, null for what is no stamp; none for columns of another kind."""
    if raw.dtype.is_integer():
        return raw.cast(pl.Int64, strict=False)
    if isinstance(raw.dtype, pl.Date | pl.Datetime):
        return _in_range(raw.to_physical().cast(pl.Int64), raw.dtype)
    if raw.dtype == pl.Null:
        return raw.cast(pl.Int64)
    return _parsed(raw) if raw.dtype == pl.String else None


def _in_range(order: pl.Series, kind: pl.Date | pl.Datetime) -> pl.Series:
    """The same without what lies outside the years of Python's dates."""
    day = _DAY_UNITS[kind.time_unit] if isinstance(kind, pl.Datetime) else 1
    # A day of margin at both ends, for zones.
    first, last = (min(max(days * day, -_LARGEST), _LARGEST) for days in (_FIRST_DAY + 1, _LAST_DAY - 1))
    return order.set(~order.is_between(first, last), None)


def _why(cell: pl.Series) -> str:
    """What is wrong with one cell that is no stamp."""
    if cell.null_count() or (cell.dtype == pl.String and cell.item() == ""):
        return "the stamp is missing"
    if cell.dtype.is_temporal():
        return "the stamp lies outside the years 1 to 9999"
    return f"{quoted(cell.item())} is no stamp; {ACCEPTED}"


def _parsed(text: pl.Series) -> pl.Series:
    """Whole numbers if the first stamp is one, else microseconds, or nanoseconds where there are such.

    Times without a zone count as UTC.
    """
    text = text.set(text.str.len_bytes() > _LONGEST, None)
    whole = text.cast(pl.Int64, strict=False)
    first = text.is_not_null().arg_max()
    if first is not None and whole[first] is not None:
        return whole
    # A month alone is ISO 8601, too; polars wants a day. PostgreSQL writes zones of whole hours without minutes.
    iso = (
        text.str.replace(r"^(\d{4}-\d\d)$", "${1}-01")
        .str.replace(r"^(\d{4}-\d\d-\d\d) ", "${1}T")
        .str.replace("Z$", "+00:00")
        .str.replace(r"(:\d\d[.\d]*[+-]\d\d)$", "${1}:00")
    )
    unit: Literal["us", "ns"] = "ns" if iso.str.contains(r"\.\d{7}").any() else "us"
    local = [iso.str.to_datetime(form, time_unit=unit, strict=False) for form in _FORMATS]
    zoned = [iso.str.to_datetime(form, time_unit=unit, strict=False) for form in _ZONED_FORMATS]
    moments = local + [column.dt.replace_time_zone(None) for column in zoned]
    return pl.select(pl.coalesce([moment.to_physical() for moment in moments])).to_series()
