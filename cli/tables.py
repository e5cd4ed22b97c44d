"""Tables for people: in a pipe as wide as it takes, in a terminal within its width and without cutting words."""

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from cli.output import Column

GAPS = (2, 1)
"""Between columns; the narrower one where words would be cut."""
LONGEST = 10
"""Of a word that is not cut in a column of text: a date. Numbers and headings are never cut."""


def show_table(columns: "Sequence[Column]", rows: Iterable[Sequence[str]]) -> None:
    """Print rows of text under the columns' headings.

    In a terminal that is too narrow for that each row stands below the one before it, a line for each field.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    rows = list(rows)
    fit = fitted(columns, rows, console().width if sys.stdout.isatty() else sys.maxsize)
    if fit is None:
        for row in rows:
            show_pairs(zip((column.title for column in columns), row, strict=True))
            print()
        return
    widths, gap = fit
    table = Table(box=SIMPLE_HEAD, padding=(0, gap - 1, 0, 0), pad_edge=False, show_edge=False)
    for column, width in zip(columns, widths, strict=True):
        heading = Text(column.title)
        table.add_column(heading, justify="right" if column.number else "left", width=width, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console(sum(widths) + gap * (len(widths) - 1)).print(table)


def show_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Print fields and their values, a line each."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for field, value in pairs:
        table.add_row(Text(field), Text(value))
    console().print(table)


def fitted(columns: "Sequence[Column]", rows: Sequence[Sequence[str]], room: int) -> tuple[list[int], int] | None:
    """How wide each column may be, so that all fit into `room` and as many as can be need no second line; and the gap.

    None where words would be cut.
    """
    from rich.cells import cell_len

    cells = [[row[place] for row in rows] for place in range(len(columns))]
    widths = list(map(_least, columns, cells))
    lacks = [
        max(map(cell_len, [column.title, *of_column])) - width
        for column, of_column, width in zip(columns, cells, widths, strict=True)
    ]
    for gap in GAPS:
        spare = room - sum(widths) - gap * (len(widths) - 1)
        if spare >= 0:
            break
    else:
        return None
    for place in sorted(range(len(widths)), key=lacks.__getitem__):
        more = min(spare, lacks[place])
        widths[place] += more
        spare -= more
    return widths, gap


def _least(column: "Column", cells: Iterable[str]) -> int:
    """How wide a column must be, so that no word is cut that should not be."""
    from rich.cells import cell_len

    heading = max(map(len, column.title.split()), default=0)
    longest = max((cell_len(word) for cell in cells for word in cell.split()), default=0)
    return max(heading, longest if column.number else min(longest, LONGEST))


def console(width: int | None = None) -> "Console":
    """Where tables are drawn: stdout, in the terminal's width, or wide enough for every field in a pipe."""
    from rich.console import Console

    return Console(highlight=False, width=width or (None if sys.stdout.isatty() else 1000))
