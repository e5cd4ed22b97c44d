"""Writes one JSON file of one-line records, so that both ends can stream it: beside its place first, then into it."""

import filecmp
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import orjson

VERSION = 1
SUFFIX = ".tmp"


class JsonFile:
    """A file in the making, readable for its owner only; `discard` or `put` ends it.

    Its lines are `{"version": 1, "store": …, "jobs": [`, one record each, `], "datasets": [`, …, `]}`.
    """

    def __init__(self, path: Path, store: str) -> None:
        handle, name = tempfile.mkstemp(SUFFIX, f".{path.name}.", path.parent)
        self.path = path
        self._temporary = Path(name)
        self._stream = os.fdopen(handle, "wb", buffering=2**20)
        self._before = orjson.dumps({"version": VERSION, "store": store})[:-1] + b","
        self._section = b""

    def section(self, name: str) -> None:
        """Begin a list of records."""
        end = b"\n], " if self._section else b""
        self._stream.write(self._before + end + orjson.dumps(name) + b": [")
        self._before = b""
        self._section = b"\n"

    def write(self, records: Iterable[Mapping[str, object]]) -> None:
        """Append records to the list."""
        for record in records:
            self._stream.write(self._section + orjson.dumps(record))
            self._section = b",\n"

    def close(self) -> int:
        """Bring the whole content to the disk; returns its bytes."""
        self._stream.write(b"\n]}\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())
        size = self._stream.tell()
        self._stream.close()
        return size

    def put(self) -> bool:
        """Replace the file in one step; false where it has the same content already and stays untouched."""
        if self.path.is_file() and filecmp.cmp(self.path, self._temporary, shallow=False):
            self.discard()
            return False
        self._temporary.replace(self.path)
        return True

    def discard(self) -> None:
        """Leave nothing behind."""
        # Closing writes what is left, and fails again where the disk is full.
        with suppress(OSError):
            self._stream.close()
        self._temporary.unlink(missing_ok=True)
