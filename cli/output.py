"""Data on stdout in the form that `-o` names: a table for people, JSON, JSON lines or CSV for programs."""

import csv
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

from cli.tables import show_pairs, show_table
from cli.talk import printable

Record = dict[str, Any]


class Output(StrEnum):
    """The forms of output."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


OutputOption = Annotated[Output, typer.Option("--output", "-o", help="Form of the data on stdout.")]


class Column:
    """A column of a table: heading, the field it shows, how it is written, and whether it is a number."""

    def __init__(
        self, title: str, field: str, write: Callable[[Any], str] | None = None, *, number: bool = False
    ) -> None:
        self.title = printable(title)
        self.field = field
        self.number = number
        self._write = write or plain

    def text(self, record: Record) -> str:
        """The cell of a record."""
        return printable(self._write(record.get(self.field)))


class _Terminal:
    """stdout as the end of rows, each written at once, where nothing in them steers the terminal."""

    def write(self, row: str) -> None:
        print(printable(row.removesuffix("\n")))


def plain(value: Any) -> str:
    """A value as a cell: nothing for none, yes and no, lists by commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value)


_STEERING = re.compile("[\x7f-\x9f]")
"""The control characters that JSON does not escape by itself."""


def short_list(values: Any) -> str:
    """A list by its first few and its length, so that a row stays a row."""
    few = ",".join(map(str, values[:8]))
    return few if len(values) <= 8 else f"{few},… ({len(values)})"


def show(records: Iterable[Record], columns: Sequence[Column], output: Output) -> None:
    """Print many records."""
    if output is Output.TABLE:
        show_table(columns, [[column.text(record) for column in columns] for record in records])
    elif output is Output.JSON:
        print(as_json(list(records), indent=2))
    elif output is Output.JSONL:
        for record in records:
            print(as_json(record))
    else:
        show_csv(list(records), [column.field for column in columns])


def show_one(record: Record, columns: Sequence[Column], output: Output) -> None:
    """Print one record: as a table with a line for each field."""
    if output is Output.TABLE:
        show_pairs((one.title, one.text(record)) for one in columns)
    elif output is Output.JSON:
        print(as_json(record, indent=2))
    else:
        show([record], columns, output)


def as_json(value: Any, indent: int | None = None) -> str:
    """JSON in which letters of all languages stay readable, and no character steers a terminal."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def show_csv(records: Sequence[Record], fields: Sequence[str]) -> None:
    """Print records as CSV: the given fields, then the others; lists and objects as JSON.

    The values stay as they are, but on a terminal they lose what could steer it.
    """
    names = list(dict.fromkeys([*fields, *(name for record in records for name in record)]))
    stream = _Terminal() if sys.stdout.isatty() else sys.stdout
    writer = csv.DictWriter(stream, names, restval="", lineterminator="\n")
    writer.writeheader()
    for record in records:
        writer.writerow({name: _cell(value) for name, value in record.items()})


def _cell(value: Any) -> Any:
    return as_json(value) if isinstance(value, list | dict) else value
