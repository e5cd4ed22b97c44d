"""Wide data: one column for each asset, and before them one of stamps if there is any."""

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
    columns = list(range(len(table.names)))
    has_stamps = _has_stamps(table)
    if has_stamps:
        columns = columns[1:]
    demands.check_size(len(columns), table.frame.height)
    demands.check_length(len(columns), table.frame.height)
    names = [table.names[column] for column in columns]
    _check_names(names, 1 + has_stamps, faults)
    faults.raise_any()
    times = stamps.read(table, 0, faults) if has_stamps else None
    values = numbers.read(table, columns, demands, faults)
    faults.raise_any()
    if times is None:
        return Panel(tuple(names), values)
    _check_growing(table, times, faults)
    faults.raise_any()
    return Panel(tuple(names), values, times.label(0), times.label(table.frame.height - 1))


def _has_stamps(table: Table) -> bool:
    first = table.frame.to_series(0)
    return table.names[0].lower() in STAMP_NAMES or first.dtype.is_temporal() or stamps.is_text(first)


def _check_names(names: list[str], first_column: int, faults: Faults) -> None:
    seen: dict[str, int] = {}
    for column, name in enumerate(names, first_column):
        check_name(name, f"column {column}", faults)
        if name in seen:
            faults.add(f"column {column}", f"the name {quoted(name)} is column {seen[name]}'s, too")
        seen.setdefault(name, column)


def _check_growing(table: Table, times: Stamps, faults: Faults) -> None:
    highest = np.maximum.accumulate(times.order)
    for row in (np.flatnonzero(times.order[1:] <= highest[:-1])[: faults.room] + 1).tolist():
        same = np.flatnonzero(times.order[:row] == times.order[row])
        if same.size:
            what = f"{times.label(row)} is in row {table.first_row + int(same[0])}, too"
        else:
            above = int(np.argmax(times.order[:row]))
            what = f"{times.label(row)} stands below {times.label(above)}; stamps have to grow"
        faults.add(table.place(row, 0), what)
