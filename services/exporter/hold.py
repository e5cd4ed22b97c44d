"""Who writes into the folder of the four files: one process at a time, for as long as it lives."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from services.errors import ConflictError
from services.exporter import folder

_LOCK = ".lock"


class Hold:
    """The right to write into a folder, from the first `take` to `free`; the end of the process frees it too."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._handle: int | None = None

    def take(self) -> None:
        """Make the folder and hold it, and remove what a killed process left.

        Raises ConflictError where another process holds it, and OSError where it cannot be written.
        """
        if self._handle is not None and _same(self._handle, self._target / _LOCK):
            return
        self.free()
        folder.prepare(self._target)
        self._handle = _locked(self._target, os.O_WRONLY | os.O_CREAT, fcntl.LOCK_EX)
        folder.clean(self._target)

    def free(self) -> None:
        """Let others write there."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


@contextmanager
def held(target: Path) -> Iterator[None]:
    """Hold the folder during the block; raises what `Hold.take` does."""
    hold = Hold(target)
    try:
        hold.take()
        yield
    finally:
        hold.free()


@contextmanager
def at_rest(source: Path) -> Iterator[None]:
    """Nobody writes into the folder during the block, which may be read-only; raises ConflictError where one does."""
    handle = None
    with suppress(FileNotFoundError, PermissionError):
        # A shared lock: NFS has no other for a file that is open for reading.
        handle = _locked(source, os.O_RDONLY, fcntl.LOCK_SH)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _locked(target: Path, mode: int, lock: int) -> int:
    handle = os.open(target / _LOCK, mode | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, lock | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        if not isinstance(error, BlockingIOError):
            raise
        raise ConflictError(
            f"the folder {target} is in use by another exporter; stop it, or name another folder"
            " (FORESAIL_EXPORT_FOLDER, or the argument of restore)"
        ) from None
    return handle


def _same(handle: int, path: Path) -> bool:
    """Whether the file is still there: the folder may have been removed meanwhile."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(handle), path.stat())
    return False
