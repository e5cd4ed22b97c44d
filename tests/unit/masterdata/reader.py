"""A child process that reads file after file as an upload's child reads one; a new one where a file has ended it."""

import resource
import struct
import subprocess
import sys
import traceback
from typing import Self

import numpy as np
import polars as pl

from services.errors import InvalidError, TooLargeError
from services.masterdata.reading.panel import CSV, PARQUET, File, Panel
from services.masterdata.reading.read import read
from tests.unit.masterdata.files import DEMANDS

PANEL, REFUSED, ENDED = "a panel", "refused", "ended its reader"
_HEAD = struct.Struct("<?Q")
_MEMORY = 2 << 30


class Reader:
    """The parent's side."""

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def outcome(self, file: File) -> str:
        """PANEL, REFUSED or ENDED; AssertionError with the traceback of any other exception."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(_HEAD.pack(file.media_type == PARQUET, len(file.body)) + file.body)
        self._process.stdin.flush()
        size = self._process.stdout.read(_HEAD.size)
        if not size:
            self._process.communicate()
            assert self._process.returncode < 0, "the reader ended by itself"
            self._start()
            return ENDED
        clear, length = _HEAD.unpack(size)
        answer = self._process.stdout.read(length).decode()
        assert clear, answer
        return answer

    def _start(self) -> None:
        command = (sys.executable, "-m", "tests.unit.masterdata.reader")
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )


def main() -> None:
    """The child's side."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    while head := sys.stdin.buffer.read(_HEAD.size):
        parquet, length = _HEAD.unpack(head)
        clear, text = _outcome(File(sys.stdin.buffer.read(length), PARQUET if parquet else CSV))
        sys.stdout.buffer.write(_HEAD.pack(clear, len(text.encode())) + text.encode())
        sys.stdout.buffer.flush()


def _outcome(file: File) -> tuple[bool, str]:
    try:
        _check(read(file, DEMANDS))
    except (InvalidError, TooLargeError) as error:
        return bool(error.detail), REFUSED
    except (MemoryError, pl.exceptions.PanicException):
        return True, REFUSED  # as the service's own child says it
    except BaseException:  # noqa: BLE001 (told to the parent)
        return False, traceback.format_exc()
    return True, PANEL


def _check(panel: Panel) -> None:
    series, steps = panel.values.shape
    assert series == len(set(panel.names)) == len(panel.names)
    assert np.isfinite(panel.values).all()
    DEMANDS.check_size(series, steps)
    DEMANDS.check_length(series, steps)
    assert bool(panel.first) == bool(panel.last)


if __name__ == "__main__":
    main()
