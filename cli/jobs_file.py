"""A file of jobs, CSV or JSON lines, as the bodies that the queueing service takes."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cli import assets
from cli.errors import UsageError

MOST = 10_000
NUMBERS = ("horizon", "priority")
FIELDS = ("assets", "dataset", "model", *NUMBERS)


def read(path: Path, defaults: dict[str, Any]) -> list[dict[str, Any]]:
    """The jobs of a .csv or .jsonl file; a field that a row leaves out is taken from `defaults`.

    Raises UsageError that names row and column.
    """
    readers: dict[str, Callable[[str, str], Iterator[dict[str, Any]]]] = {".csv": _csv, ".jsonl": _jsonl}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UsageError(f"{path} is neither .csv nor .jsonl: the suffix says how a file of jobs is read")
    jobs = []
    for job in reader(text(path), str(path)):
        jobs.append(defaults | job)
        if len(jobs) > MOST:
            raise UsageError(f"{path} holds more than {MOST} jobs, the most of one request; split it")
    if not jobs:
        raise UsageError(f"{path} holds no jobs")
    return jobs


def text(path: Path) -> str:
    """The text of a UTF-8 file. Raises UsageError where it cannot be read."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text (byte {error.start})") from error


def _csv(content: str, name: str) -> Iterator[dict[str, Any]]:
    reader = csv.DictReader(content.splitlines(), strict=True, skipinitialspace=True)
    try:
        header = reader.fieldnames or []
        _check_fields(header, f"{name} row 1")
        if "assets" not in header:
            raise UsageError(
                f"{name} row 1: there is no column 'assets'; the first row names the columns {', '.join(FIELDS)}"
            )
        for row in reader:
            yield _typed(row, f"{name} row {reader.line_num}")
    except csv.Error as error:
        raise UsageError(f"{name} row {reader.line_num}: {error}") from error


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


def _jsonl(content: str, name: str) -> Iterator[dict[str, Any]]:
    for row, line in enumerate(content.splitlines(), 1):
        if not line.strip():
            continue
        place = f"{name} row {row}"
        try:
            job = json.loads(line)
        except ValueError as error:
            raise UsageError(f"{place}: no JSON ({error})") from error
        if not isinstance(job, dict) or "assets" not in job:
            raise UsageError(f'{place}: a job is an object with at least assets: {{"assets": [0, 1]}}')
        _check_fields(job, place)
        yield job


def _check_fields(given: Any, place: str) -> None:
    for field in given:
        if field not in FIELDS:
            raise UsageError(f"{place}: {field!r} is no field of a job; accepted are {', '.join(FIELDS)}")
