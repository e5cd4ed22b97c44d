"""Decodes CSV: UTF-8, commas, one header line. polars reads it; where it cannot, the csv module finds the line."""

import csv
import io
import re

import polars as pl

from services.errors import InvalidError
from services.masterdata.reading.faults import quoted
from services.masterdata.reading.long import is_long
from services.masterdata.reading.panel import Demands
from services.masterdata.reading.table import Table
from services.masterdata.reading.wide import STAMP_NAMES

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_OTHER_DELIMITERS = ";\t|"
# What a file without a header begins with; whole numbers are names, as pandas writes them.
_FRACTION = re.compile(r"[+-]?\d*\.\d+(e[+-]?\d+)?", re.IGNORECASE)
FIRST_ROW = 2


def decode(body: bytes, demands: Demands) -> Table:
    """The file's table, all cells still text; raises InvalidError or TooLargeError."""
    body = body.removeprefix(_BOM).rstrip(b"\r\n")
    text = _text(body)
    names = _names(text.partition("\n")[0])
    lines = body.count(b"\n")
    if lines == 0:
        raise InvalidError("the file ends after its header, in row 1", "row 1")
    # Every line may leave all its cells out, so the size cannot be told from the body's.
    demands.check_size(1 if is_long(names) else max(len(names) - 1, 1), lines)
    try:
        frame = pl.read_csv(io.BytesIO(body), infer_schema=False, raise_if_empty=False)
    except pl.exceptions.PolarsError as error:
        _find_wrong_line(text, len(names))
        raise InvalidError(f"the file cannot be read as CSV: {str(error).splitlines()[0]}") from error
    _check_width(frame, names, text)
    frame.columns = [str(column) for column in range(len(names))]
    return Table(names, frame, FIRST_ROW)


def _text(body: bytes) -> str:
    if not body.strip():
        raise InvalidError("the file is empty; it needs a header and one row for each step")
    if body.startswith(_UTF16):
        raise InvalidError("the file is UTF-16; save it as UTF-8", "row 1")
    if b"\r" in body and b"\n" not in body:
        raise InvalidError("the file's lines end with CR alone; save it with LF or CRLF line ends", "row 1")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        where = f"row {line}"
        raise InvalidError(f"{where} is not valid UTF-8 (byte {body[error.start]:#04x})", where) from error


def _names(line: str) -> list[str]:
    """The names in the header line; raises InvalidError where it is none."""
    try:
        names = [name.strip() for name in next(csv.reader([line.removesuffix("\r")], strict=True), [])]
    except csv.Error as error:
        raise InvalidError(f"row 1 is no header of a CSV file: {error}", "row 1") from error
    if not names:
        raise InvalidError("row 1 is empty; it has to name the columns", "row 1")
    numbers = [name for name in names if _FRACTION.fullmatch(name)]
    if numbers and names[0].lower() not in STAMP_NAMES:
        raise InvalidError(f"row 1 holds numbers such as {numbers[0]}; it has to name the columns", "row 1")
    other = [mark for mark in _OTHER_DELIMITERS if mark in line]
    if len(names) == 1 and other:
        raise InvalidError(f"row 1 has one column: cells are separated by commas here, not by {other[0]!r}", "row 1")
    return names


def _check_width(frame: pl.DataFrame, names: list[str], text: str) -> None:
    if frame.width != len(names):
        _find_wrong_line(text, len(names))
        raise InvalidError(f"row 1 names {len(names)} columns, and the file has {frame.width}", "row 1")


def _find_wrong_line(text: str, width: int) -> None:
    """Raise InvalidError that names the first line, if any, with other than `width` cells or with stray quotes."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in rows:
            line = rows.line_num
            if cells and len(cells) != width:
                last = quoted(cells[-1])
                raise InvalidError(
                    f"row {line} has {len(cells)} cells, the last of them {last}, and the header has {width}; "
                    "numbers have a decimal point, and text with commas stands in quotes",
                    f"row {line}",
                )
    except csv.Error as error:
        line = max(line, rows.line_num)
        raise InvalidError(f"row {line} cannot be read: {error}", f"row {line}") from error
    # The csv module takes a quote within a cell as it is, and polars does not.
    for line, words in enumerate(text.split("\n"), 1):
        if words.count('"') % 2:
            detail = f"row {line} has a quote without its other: within a cell in quotes, quotes are doubled"
            raise InvalidError(detail, f"row {line}")
