"""Reads a file in a child process, one at a time: whatever is in it, the service goes on."""

import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass

import numpy as np

from services.errors import InvalidError, TooLargeError
from services.masterdata.reading.panel import UNREADABLE, Demands, File, Panel

SECONDS = 120
"""A file of 64 MiB takes about two; nothing may take for ever."""
_KEPT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "TMPDIR")
# One at a time, with a thread of its own: reading is heavy, and the service's other requests need the cores.
# And zones such as +05:30, which are none of polars', are left as they are: only moments count.
_SET = {
    "POLARS_MAX_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "RUST_BACKTRACE": "0",
    "POLARS_IGNORE_TIMEZONE_PARSE_ERROR": "1",
}
_turn = asyncio.Semaphore(1)
_log = logging.getLogger(__name__)


async def read(file: File, demands: Demands) -> Panel:
    """The panel in a file; raises InvalidError or TooLargeError that says what is wrong with it."""
    command = (sys.executable, "-m", "services.masterdata.reading", file.media_type, json.dumps(asdict(demands)))
    async with _turn:
        end = await run(command, file.body)
    if end.status < 0:
        _log.warning("reading a dataset was ended by %s", signal.Signals(-end.status).name)
        raise InvalidError(UNREADABLE)
    if end.status > 0:
        raise RuntimeError(f"reading a dataset failed: {end.stderr.decode(errors='replace')[-2000:]}")
    return _panel(end.stdout)


@dataclass(frozen=True, slots=True)
class End:
    """How a child ended: its exit status, negative for a signal, and what it wrote."""

    status: int
    stdout: bytes
    stderr: bytes


async def run(command: Sequence[str], body: bytes) -> End:
    """Run a child with `body` on its stdin to its end, or end it after SECONDS."""
    # It reads what strangers sent, so it gets none of the service's settings, which hold secrets. A group of its own:
    # Ctrl-C is for the service, which answers the request first.
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={name: os.environ[name] for name in _KEPT if name in os.environ} | _SET,
        start_new_session=True,
    )
    answer, talk = b"", b""
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                answer, talk = await process.communicate(body)
    finally:
        # Whoever stopped waiting, time or a cancelled request: the child must not go on.
        with suppress(ProcessLookupError):
            process.kill()
        status = await process.wait()
    return End(status, answer, talk)


def _panel(answer: bytes) -> Panel:
    line, _, packed = answer.partition(b"\n")
    head = json.loads(line)
    if head.get("status") == TooLargeError.status:
        raise TooLargeError(head["detail"])
    if "status" in head:
        problems = [(where, detail) for where, detail in head.get("problems", ())]
        raise InvalidError(head["detail"], problems=problems)
    names = tuple(head["names"])
    values = np.frombuffer(packed, dtype="<f8").reshape(len(names), -1)
    return Panel(names, values, head["first"], head["last"])
