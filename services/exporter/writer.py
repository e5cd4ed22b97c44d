"""Writes one JSON file of one-line records, so that both ends can stream it: beside its place first, then into it."""

import filecmp
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import orjson

VERSION = 1
SUFFIX = ".tmp"
BETWEEN = b",\n"
"""What stands between two records of a list."""
_PIECE = 2**20
Span = tuple[int, int]
"""A part of a file: where it begins, and its bytes."""
State = tuple[int, int, int]
"""A file's number, bytes and time: another value after whatever is done to it."""


def state_of(path: Path) -> State:
    """The state of a file; raises OSError."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


class JsonFile:
    """A file in the making, readable for its owner only; `discard` or `put` ends it.

    Its lines are `{"version": 1, "store": …, "jobs": [`, one record each, `], "datasets": [`, …, `]}`. `size` is how
    many bytes it has so far.
    """

    def __init__(self, path: Path, store: str) -> None:
        handle, name = tempfile.mkstemp(SUFFIX, f".{path.name}.", path.parent)
        self.path = path
        self.size = 0
        self._temporary = Path(name)
        self._stream = os.fdopen(handle, "wb", buffering=_PIECE)
        self._before = orjson.dumps({"version": VERSION, "store": store})[:-1] + b","
        self._section = b""

    def section(self, name: str) -> None:
        """Begin a list of records."""
        end = b"\n], " if self._section else b""
        self._put(self._before + end + orjson.dumps(name) + b": [")
        self._before = b""
        self._section = b"\n"

    def write(self, records: Iterable[Mapping[str, object]]) -> None:
        """Append records to the list."""
        for record in records:
            self._put(self._section + orjson.dumps(record))
            self._section = BETWEEN

    def lines(self, lines: Sequence[bytes]) -> Span:
        """Append records, at least one, that are JSON already; returns where they are."""
        self._put(self._section)
        self._section, start = BETWEEN, self.size
        self._put(BETWEEN.join(lines))
        return start, self.size - start

    def copy(self, source: int, span: Span) -> Span:
        """Append records from another file of this kind, by its handle; returns where they are."""
        self._put(self._section)
        self._section, start = BETWEEN, self.size
        at, end = span[0], span[0] + span[1]
        while at < end:
            at += self._put(os.pread(source, min(_PIECE, end - at), at) or _missing(self.path))
        return start, self.size - start

    def close(self) -> None:
        """Bring the whole content to the disk."""
        self._put(b"\n]}\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()

    def put(self) -> State:
        """Replace the file in one step, unless it has the same content already; returns the state of what is there."""
        if self.path.is_file() and filecmp.cmp(self.path, self._temporary, shallow=False):
            self.discard()
            return state_of(self.path)
        # Before anybody can touch what is then thought to be ours.
        state = state_of(self._temporary)
        self._temporary.replace(self.path)
        return state

    def discard(self) -> None:
        """Leave nothing behind."""
        # Closing writes what is left, and fails again where the disk is full.
        with suppress(OSError):
            self._stream.close()
        self._temporary.unlink(missing_ok=True)

    def _put(self, text: bytes) -> int:
        self.size += len(text)
        return self._stream.write(text)


def _missing(path: Path) -> bytes:
    raise OSError(f"the file that {path} is to replace has become shorter")
