"""The exporter as a real process."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from services.exporter import snapshot
from tests.store.soundness import connected

Change = Callable[[bytes], bytes]
"""What a test does to the content of a file."""
FILES = ("users.json", "masterdata.json", "results.json", "queues.json")


def environment(url: str, folder: Path, interval: float = 0.05) -> dict[str, str]:
    own = {
        "FORESAIL_STORE_URL": url,
        "FORESAIL_STORE_FOLDER": str(folder.parent / "s"),
        "FORESAIL_EXPORT_FOLDER": str(folder),
        "FORESAIL_EXPORT_INTERVAL_SECONDS": str(interval),
        "FORESAIL_EXPORT_METRICS_PORT": "0",
        "FORESAIL_LOG_FORMAT": "text",
    }
    return {**os.environ, **own}


def run(
    url: str, folder: Path, *words: str, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run to the end, after `before` in the new process."""
    command = [sys.executable, "-m", "services.exporter", *words]
    return subprocess.run(
        command,
        env=environment(url, folder),
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        preexec_fn=before,
    )


def export(url: str, folder: Path) -> None:
    """Export once."""
    done = run(url, folder, "--once")
    assert done.returncode == 0, done.stderr


def export_here(url: str, folder: Path) -> dict[str, bytes]:
    """Export once without a process of its own; returns the files."""

    async def write() -> None:
        async with connected(url) as store:
            await snapshot.write(store, folder)

    asyncio.run(write())
    return contents(folder)


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


@contextmanager
def restoring(url: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Restore during the block."""
    command = [sys.executable, "-m", "services.exporter", "restore"]
    process = subprocess.Popen(command, env=environment(url, folder), stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of the four files."""
    return {name: (folder / name).read_bytes() for name in FILES}


def exported_jobs(folder: Path) -> list[int]:
    """The jobs in the files; none where they are not there, or not the exporter's."""
    with suppress(FileNotFoundError):
        return [job["id"] for job in json.loads((folder / "masterdata.json").read_text("utf-8")).get("jobs", [])]
    return []


def kept(folder: Path) -> list[Path]:
    """Folders of the files of other stores."""
    return list(folder.glob("before-*"))
