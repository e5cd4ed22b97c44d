"""The child process: `python -m services.masterdata.reading MEDIA_TYPE DEMANDS`, file on stdin, panel on stdout.

The answer is one line of JSON (see `process`), and then the values as float64, one series after the other.
"""

import json
import resource
import sys

import polars as pl

from services.errors import ForesailError, InvalidError
from services.masterdata.reading.panel import UNREADABLE, Demands, File
from services.masterdata.reading.read import read

_MIB = 2**20
# Of address space. The worst files that fit 64 MiB of values took 2.3 GiB (100,000 columns), 1.5 GiB of them resident.
BASE_MIB = 1024
MIB_A_MIB = 40
"""Memory that reading may take for each MiB of the largest file."""


def main() -> None:
    """Read one file."""
    media_type, demands = sys.argv[1], _demands(sys.argv[2])
    _limit_memory((BASE_MIB + MIB_A_MIB * demands.most_mib) * _MIB)
    try:
        panel = read(File(sys.stdin.buffer.read(), media_type), demands)
    except (MemoryError, pl.exceptions.PanicException):
        _answer({"status": InvalidError.status, "detail": UNREADABLE})
    except ForesailError as error:
        problems = getattr(error, "problems", ())
        _answer({"status": error.status, "detail": error.detail, "problems": problems})
    else:
        _answer({"names": panel.names, "first": panel.first, "last": panel.last})
        sys.stdout.buffer.write(panel.values.data)
    sys.stdout.buffer.flush()


def _demands(text: str) -> Demands:
    given = json.loads(text)
    bounds = given.pop("bounds")
    return Demands(**given, bounds=None if bounds is None else (bounds[0], bounds[1]))


def _limit_memory(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        resource.setrlimit(resource.RLIMIT_AS, (size, resource.getrlimit(resource.RLIMIT_AS)[1]))
    except (ValueError, OSError):
        # macOS has no such limit, and a lower one may be set already.
        return


def _answer(head: dict[str, object]) -> None:
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")


if __name__ == "__main__":
    main()
