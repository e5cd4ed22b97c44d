"""The child process: `python -m services.masterdata.reading MEDIA_TYPE DEMANDS`, file on stdin, panel on stdout.

The answer is one line of JSON (see `process`), and then the values as float64, one series after the other.
"""

import json
import resource
import sys
from pathlib import Path

import polars as pl

from services.errors import ForesailError, InvalidError
from services.masterdata.reading.panel import UNREADABLE, Demands, File
from services.masterdata.reading.read import read

_MIB = 2**20
# Of address space, the most of which is never used: importing polars takes 0.95 GiB of it and 75 MiB of memory.
BASE_MIB = 1024
MIB_A_MIB = 40
"""Memory that reading may take for each MiB of the largest file: with 100,000 columns 64 MiB of values took 1.5 GiB."""
LEAST_MIB_A_MIB = 6
"""What an ordinary file needs, with up to 10,000 columns."""
CGROUP = Path("/sys/fs/cgroup/memory.max")
"""How much a container may have: the kernel ends the whole of it, service and all, when it takes more."""


def main() -> None:
    """Read one file."""
    media_type, demands = sys.argv[1], _demands(sys.argv[2])
    _limit_memory(BASE_MIB * _MIB + allowed(demands.most_mib, CGROUP))
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


def allowed(most_mib: int, cgroup: Path) -> int:
    """Bytes that reading may take: at most half of what the container may have, or what ordinary files need."""
    most, least = MIB_A_MIB * most_mib * _MIB, LEAST_MIB_A_MIB * most_mib * _MIB
    try:
        return max(min(int(cgroup.read_text("ascii")) // 2, most), least)
    except (OSError, ValueError):
        return most  # no container, or `max`


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
