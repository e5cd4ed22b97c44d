"""Keeps Foresail running for as long as the demo needs it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""That ask for the end."""
PATIENCE_SECONDS = 60


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


@contextmanager
def foresail_local(folder: Path, output: Path) -> Iterator[str]:
    """Run `foresail-local` with its data in `folder` and its log and export in `output`; yields its URL."""
    settings = {
        "FORESAIL_STORE_FOLDER": str(folder),
        "FORESAIL_EXPORT_FOLDER": str(output / "export"),
        "FORESAIL_WEB_PORT": "0",
        "FORESAIL_WEB_METRICS_PORT": "0",
        "FORESAIL_EXPORT_METRICS_PORT": "0",
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FORESAIL_")}
    log = output / "server.log"
    command = [str(Path(sys.executable).with_name("foresail-local"))]
    process: subprocess.Popen[bytes] | None = None
    try:
        with log.open("w") as stream, _signals_held_back():
            process = subprocess.Popen(
                command, env=inherited | settings, stderr=stream, stdin=subprocess.DEVNULL, start_new_session=True
            )
        yield _url(process, log)
    finally:
        if process is not None:
            process.terminate()
            process.wait()


@contextmanager
def _signals_held_back() -> Iterator[None]:
    """Let signals count at the end of the block: one in the middle of a start would leave behind what was started."""
    come: list[int] = []
    before = {number: signal.signal(number, lambda number, _: come.append(number)) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for first in come[:1]:
            signal.raise_signal(first)


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"listens on (http://\S+)", log.read_text())
        if found:
            return found[1]
        time.sleep(0.05)
    lines = log.read_text().strip().splitlines()
    raise DemoError(f"Foresail did not start: {lines[-1] if lines else 'no word from it'} (see {log})")
