"""The exporter as a real process."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Change = Callable[[bytes], bytes]
"""What a test does to the content of a file."""
FILES = ("users.json", "masterdata.json", "results.json", "queues.json")


def environment(url: str, folder: Path, interval: float = 0.05) -> dict[str, str]:
    own = {
        "FORESAIL_STORE_URL": url,
        "FORESAIL_EXPORT_FOLDER": str(folder),
        "FORESAIL_EXPORT_INTERVAL_SECONDS": str(interval),
        "FORESAIL_EXPORT_METRICS_PORT": "0",
        "FORESAIL_LOG_FORMAT": "text",
    }
    return {**os.environ, **own}


def run(url: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run to the end."""
    command = [sys.executable, "-m", "services.exporter", *words]
    return subprocess.run(command, env=environment(url, folder), capture_output=True, text=True, timeout=50, check=False)


def export(url: str, folder: Path) -> None:
    """Export once."""
    done = run(url, folder, "--once")
    assert done.returncode == 0, done.stderr


@contextmanager
def exporting(url: str, folder: Path, log: Path, interval: float = 0.05) -> Iterator[subprocess.Popen[bytes]]:
    """Export again and again during the block."""
    with log.open("wb") as stream:
        command = [sys.executable, "-m", "services.exporter"]
        process = subprocess.Popen(command, env=environment(url, folder, interval), stderr=stream)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of the four files."""
    return {name: (folder / name).read_bytes() for name in FILES}
