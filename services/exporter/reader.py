"""Reads the files that the exporter wrote, line by line, and says which line of which file does not fit."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import orjson

from services.errors import InvalidError
from services.exporter.writer import VERSION

_OLDER = frozenset({"dataset_versions"})
"""Lists of files from before versions were given out from one sequence."""
_END = 4096
"""Bytes of a file that hold its last list, of a few short records."""


@dataclass(frozen=True, slots=True)
class Line:
    """A record, and where it stands."""

    section: str
    record: dict[str, Any]
    place: str
    """File and number of the line, for messages."""
    size: int


def store_of(path: Path) -> str:
    """The name of the store that the file is of; raises InvalidError."""
    try:
        with path.open("rb") as stream:
            return str(_head(path, stream.readline())["store"])
    except OSError as error:
        raise InvalidError(f"{path} cannot be read: {error.strerror}", path.name) from error


def last_ids(path: Path) -> dict[str, int]:
    """The last ids given out by kind, at the end of queues.json; raises InvalidError or OSError."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _END))
        text = stream.read().rpartition(b'"sequences": [')[2].removesuffix(b"]}\n")
    try:
        return {record["name"]: int(record["last"]) for record in orjson.loads(b"[" + text + b"]")}
    except (ValueError, LookupError, TypeError) as error:
        raise InvalidError(f"{path.name} does not end with the last ids given out", path.name) from error


def lines(path: Path, sections: Collection[str]) -> Iterator[Line]:
    """The records of a file, which must have just these sections, older ones apart; raises InvalidError."""
    left = set(sections)
    try:
        with path.open("rb") as stream:
            section = _section(path, 1, _head(path, stream.readline()), left)
            for number, text in enumerate(stream, 2):
                if text == b"]}\n":
                    _end(path, number, stream.read(1), left - _OLDER)
                    return
                if text.startswith(b"], "):
                    section = _section(path, number, _parsed(path, number, b"{" + text[3:].strip() + b"]}"), left)
                else:
                    record = _parsed(path, number, text.strip().removesuffix(b","))
                    yield Line(section, record, f"{path.name}, line {number}", len(text))
            refuse(f"{path.name}", "it ends in the middle")
    except OSError as error:
        raise InvalidError(f"{path} cannot be read: {error.strerror}", path.name) from error


def refuse(place: str, detail: str) -> NoReturn:
    """Raise InvalidError for a place in a file."""
    raise InvalidError(f"{place}: {detail}; nothing was restored", place)


def _head(path: Path, text: bytes) -> dict[str, Any]:
    head = _parsed(path, 1, text.strip() + b"]}")
    if head.get("version") != VERSION:
        refuse(f"{path.name}", f"its version is {head.get('version')!r}, and only {VERSION} can be read")
    if not isinstance(head.get("store"), str):
        refuse(f"{path.name}", "it does not say of which store it is")
    return head


def _section(path: Path, number: int, found: dict[str, Any], left: set[str]) -> str:
    names = [name for name in found if name not in ("version", "store")]
    if len(names) != 1 or names[0] not in left:
        refuse(f"{path.name}, line {number}", f"{names} is not one of the lists that come here, {sorted(left)}")
    left.discard(names[0])
    return names[0]


def _end(path: Path, number: int, rest: bytes, left: set[str]) -> None:
    if left or rest:
        refuse(
            f"{path.name}, line {number}",
            f"it ends too early, without {sorted(left)}" if left else "something follows the end",
        )


def _parsed(path: Path, number: int, text: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        refuse(f"{path.name}, line {number}", f"it is not a record as the exporter writes it ({error})")
    if not isinstance(found, dict):
        refuse(f"{path.name}, line {number}", "it is not an object")
    return found
