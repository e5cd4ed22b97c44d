"""The processes that foresail-local keeps beside its services: the embedded store and the exporter."""

import logging
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from services.errors import ForesailError, UnavailableError
from services.store.embedded import EmbeddedStore

_PAUSE = 0.2
_RESTART_PAUSE = 1.0
_STOP_SECONDS = 30
_log = logging.getLogger(__name__)


class Keeper:
    """Starts both, and each again that ends by itself: `store` is none for a foreign one."""

    def __init__(self, store: EmbeddedStore | None) -> None:
        self._store = store
        self._exporter: subprocess.Popen[bytes] | None = None
        self._started = threading.Event()
        self._over = threading.Event()
        self._failure: ForesailError | None = None
        # Whatever interrupts the main thread, no process is started that is not known to `stop`.
        self._thread = threading.Thread(target=self._run, name="keeper")

    def start(self) -> None:
        """Start the store, wait until it answers, and start the exporter; raises what EmbeddedStore.start does.

        Raises UnavailableError too where no more processes can be started.
        """
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Stop the exporter, its last files written, and then the store."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()
        if self._exporter is not None:
            _stop_exporter(self._exporter)
        if self._store is not None:
            self._store.stop()

    def _run(self) -> None:
        try:
            # A signal may have come before the main thread knew that this one exists: then `stop` does not wait for it.
            if self._over.is_set():
                return
            if self._store is not None:
                self._store.start()
            self._exporter = _start_exporter()
        except ForesailError as error:
            self._fail(error)
        except OSError as error:
            self._fail(UnavailableError(f"the exporter cannot be started: {error}"))
        finally:
            self._started.set()
        self._keep()

    def _fail(self, error: ForesailError) -> None:
        self._failure = error
        self._over.set()

    def _keep(self) -> None:
        while not self._over.wait(_PAUSE):
            try:
                self._look()
            except (ForesailError, OSError) as error:
                _log.error("cannot be started again: %s", error)  # the next look tries it again
                self._over.wait(_RESTART_PAUSE)

    def _look(self) -> None:
        if self._store is not None and (self._store.process is None or self._store.process.poll() is not None):
            _log.warning("the store has ended by itself and is started again")
            self._store.stop()
            self._store.start()
        if self._exporter is not None and self._exporter.poll() is not None:
            _log.warning("the exporter has ended by itself (%d) and is started again", self._exporter.returncode)
            self._over.wait(_RESTART_PAUSE)
            _stop_exporter(self._exporter)
            self._exporter = _start_exporter()


@contextmanager
def kept(store: EmbeddedStore | None) -> Iterator[None]:
    """Both processes, for the time of the block."""
    keeper = Keeper(store)
    try:
        keeper.start()
        yield
    finally:
        keeper.stop()


def export_while_wanted() -> None:
    """The exporter, until standard input ends: it ends with whoever holds the other side."""
    # Who started it may be ending, and ignore it: so would this one, until it handles it.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_wait_for_the_end, daemon=True).start()
    sys.argv[1:] = []
    runpy.run_module("services.exporter", run_name="__main__", alter_sys=True)


def _wait_for_the_end() -> None:
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _start_exporter() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", f"from {__name__} import export_while_wanted; export_while_wanted()"]
    # A group of its own: Ctrl-C must reach it after the services have written their last.
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)


def _stop_exporter(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
