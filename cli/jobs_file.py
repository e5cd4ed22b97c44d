"""A file of jobs, CSV or JSON lines, as the bodies that the queueing service takes."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from cli import assets
from cli.errors import UsageError

NUMBERS = ("horizon", "priority")
FIELDS = ("assets", "dataset", "model", *NUMBERS)


@dataclass(frozen=True, slots=True)
class JobsFile:
    """The jobs of a file, and the row of the file in which each ends."""

    path: Path
    jobs: list[dict[str, Any]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    def located(self, message: str) -> str:
        """What the server said, with the row and column of the file instead of the place in the request."""

        def place(match: re.Match[str]) -> str:
            number = int(match[1])
            known = number < len(self.rows)
            return f"{self.path} row {self.rows[number]} column {match[2]!r}" if known else match[0]

        # A place stands before a colon; elsewhere it is a name, such as that of a dataset.
        return re.sub(r"\bjobs\.(\d{1,9})\.(\w+)(\.\d+)*(?=:)", place, message)


def read(path: Path, defaults: dict[str, Any]) -> JobsFile:
    """The jobs of a .csv or .jsonl file; a field that a row leaves out is taken from `defaults`.

    Raises UsageError that names row and column.
    """
    readers: dict[str, Callable[[str, str], Iterator[tuple[int, dict[str, Any]]]]] = {".csv": _csv, ".jsonl": _jsonl}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UsageError(f"{path} is neither .csv nor .jsonl: the suffix says how a file of jobs is read")
    found = JobsFile(path)
    for row, job in reader(text(path), str(path)):
        found.jobs.append(defaults | job)
        found.rows.append(row)
    if not found.jobs:
        raise UsageError(f"{path} holds no jobs")
    return found


def text(path: Path) -> str:
    """The text of a UTF-8 file. Raises UsageError where it cannot be read."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text (byte {error.start})") from error


def _csv(content: str, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(StringIO(content), strict=True, skipinitialspace=True)
    try:
        header = reader.fieldnames or []
        _check_fields(header, f"{name} row 1")
        if twice := [column for column in FIELDS if header.count(column) > 1]:
            raise UsageError(f"{name} row 1: there are two columns {twice[0]!r}")
        if "assets" not in header:
            raise UsageError(
                f"{name} row 1: there is no column 'assets'; the first row names the columns {', '.join(FIELDS)}"
            )
        for row in reader:
            yield reader.line_num, _typed(row, f"{name} row {reader.line_num}")
    except csv.Error as error:
        raise UsageError(f"{name} row {reader.reader.line_num}: {error}") from error


def _typed(row: dict[str | Any, str | Any], place: str) -> dict[str, Any]:
    if None in row:
        raise UsageError(f'{place}: more values than columns; quote a list of assets: "0,1,5-9"')
    job: dict[str, Any] = {}
    for column, value in row.items():
        where = f"{place} column {column!r}"
        if column == "assets":
            job[column] = _assets(value or "", where)
        elif value and value.strip():
            job[column] = _number(value, where) if column in NUMBERS else value.strip()
    return job


def _assets(value: str, where: str) -> list[int | str]:
    try:
        return assets.parse(value)
    except UsageError as error:
        raise UsageError(f"{where}: {error.message}") from error


def _number(value: str, where: str) -> int:
    try:
        return int(value)
    except ValueError as error:
        raise UsageError(f"{where}: {value!r} is no whole number") from error


def _jsonl(content: str, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    # Not splitlines(), which cuts within texts too, at U+2028 and others.
    for row, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{name} row {row}"
        try:
            job = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{place}: no JSON ({error})") from error
        if not isinstance(job, dict) or "assets" not in job:
            raise UsageError(f'{place}: a job is an object with at least assets: {{"assets": [0, 1]}}')
        _check_fields(job, place)
        yield row, job


def _check_fields(given: Any, place: str) -> None:
    for name in given:
        if name not in FIELDS:
            raise UsageError(f"{place}: {name!r} is no field of a job; accepted are {', '.join(FIELDS)}")
