"""Wide data: one column for each asset, and one of stamps if there is any: the first, or the only one of moments."""

import numpy as np

from services.masterdata.reading import numbers, stamps
from services.masterdata.reading.faults import Faults, quoted
from services.masterdata.reading.panel import Demands, Panel
from services.masterdata.reading.stamps import Stamps
from services.masterdata.reading.table import Table, check_name

STAMP_NAMES = frozenset({"", "ds", "date", "datetime", "day", "month", "period", "time", "timestamp", "stamp", "step"})
"""Names, in any case, that make the first column the stamps'. The empty one is how pandas writes its index."""


def build(table: Table, demands: Demands) -> Panel:
    """The panel; raises InvalidError or TooLargeError."""
    faults = Faults()
    stamp = _stamp_column(table)
    columns = [column for column in range(len(table.names)) if column != stamp]
    demands.check_size(len(columns), table.frame.height)
    demands.check_length(len(columns), table.frame.height)
    names = [table.names[column] for column in columns]
    _check_names(table, columns, faults)
    faults.raise_any()
    times = None if stamp is None else stamps.read(table, stamp, faults)
    values = numbers.read(table, columns, demands, faults)
    faults.raise_any()
    if stamp is None or times is None:
        return Panel(tuple(names), values)
    _check_growing(table, stamp, times, faults)
    faults.raise_any()
    return Panel(tuple(names), values, times.label(0), times.label(table.frame.height - 1))


def _stamp_column(table: Table) -> int | None:
    """Which column holds the stamps; pandas writes an index of moments behind the others."""
    first = table.frame.to_series(0)
    if table.names[0].lower() in STAMP_NAMES or first.dtype.is_temporal() or stamps.is_text(first):
        return 0
    moments = [column for column, kind in enumerate(table.frame.dtypes) if kind.is_temporal()]
    return moments[0] if len(moments) == 1 else None


def _check_names(table: Table, columns: list[int], faults: Faults) -> None:
    seen: dict[str, int] = {}
    for at in columns:
        column, name = at + 1, table.names[at]
        check_name(name, f"column {column}", faults)
        if name in seen:
            faults.add(f"column {column}", f"the name {quoted(name)} is column {seen[name]}'s, too")
        seen.setdefault(name, column)


def _check_growing(table: Table, column: int, times: Stamps, faults: Faults) -> None:
    highest = np.maximum.accumulate(times.order)
    for row in (np.flatnonzero(times.order[1:] <= highest[:-1])[: faults.room] + 1).tolist():
        same = np.flatnonzero(times.order[:row] == times.order[row])
        if same.size:
            what = f"{times.label(row)} is in row {table.first_row + int(same[0])}, too"
        else:
            above = int(np.argmax(times.order[:row]))
            what = f"{times.label(row)} stands below {times.label(above)}; stamps have to grow"
        faults.add(table.place(row, column), what)
