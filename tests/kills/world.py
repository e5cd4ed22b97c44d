"""The whole system as `foresail-local` keeps it on a folder of its own, and its processes, to be killed."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis

from tests.api import server
from tests.api.server import Server
from tests.processes import Process, started_for
from tests.store.process import short_folder
from tests.waiting import wait_until

BATCH = 40
_TAIL = 40
"""Lines of the log that a failure shows."""


class World:
    """The services with their store and exporter. `life` counts how often the services were started."""

    def __init__(self, folder: Path, lease_seconds: float) -> None:
        self.folder = folder
        self.lease_seconds = lease_seconds
        self.store_url = f"unix://{folder / 'store.sock'}"
        self.life = 0
        self.server: Server | None = None

    @property
    def url(self) -> str:
        """Where the services listen, or listened last."""
        assert self.server is not None
        return self.server.url

    def start(self) -> None:
        """Start the services as a supervisor would, and wait until they serve."""
        settings = {
            "FORESAIL_QUEUE_LEASE_SECONDS": str(self.lease_seconds),
            "FORESAIL_RUN_BATCH": str(BATCH),
            "FORESAIL_RUN_SILENCE_SECONDS": "2",
            "FORESAIL_STORE_APPENDFSYNC": "always",
            "FORESAIL_EXPORT_INTERVAL_SECONDS": "0.5",
        }
        started = server.start(self.folder, settings)
        try:
            wait_until(lambda: server.listens(started), "foresail-local listens", 60)
        except BaseException:
            started.process.kill()
            raise
        self.life += 1
        self.server = started
        self.keep_history()

    def keep_history(self) -> None:
        """Let a store that has just begun never rewrite its append-only file: the history is read from it."""
        with redis.Redis.from_url(self.store_url) as store:
            wait_until(lambda: _answers(store), "the store has read its file", 60)
            store.config_set("auto-aof-rewrite-percentage", 0)

    def stop(self) -> None:
        """End the services in good order: the last files are written, the store ends."""
        assert self.server is not None
        self.server.process.terminate()
        assert self.server.process.wait(60) == 0, self.server.text()

    def kill_services(self) -> None:
        """As by kill -9: the store and the runs are left behind."""
        assert self.server is not None
        self.server.process.kill()
        self.server.process.wait()

    def last_words(self) -> str:
        """The end of their log, without the requests."""
        lines = self.server.text().splitlines() if self.server else []
        return "\n".join([line for line in lines if '"foresail.requests"' not in line][-_TAIL:])

    def bugs(self) -> list[str]:
        """What the services logged as errors, in all their lives: there may be none."""
        logs = sorted(self.folder.glob("server-*.log"))
        return [line for log in logs for line in log.read_text("utf-8").splitlines() if '"level": "error"' in line]

    def metrics(self) -> str:
        """What Prometheus would read from the services."""
        assert self.server is not None
        return self.server.metrics()

    def store(self) -> Process | None:
        """The store's process."""
        return next((found for found in started_for(self.folder) if "valkey-server" in found.words[0]), None)

    def exporter(self) -> Process | None:
        """The exporter."""
        return next((found for found in started_for(self.folder) if "export_while_wanted" in found.words[-1]), None)

    def program(self, run: int) -> dict[str, Process]:
        """The processes of a run: `mpiexec` and `rank N`."""
        found = {}
        for process in started_for(self.folder):
            if f"--run {run} " in " ".join(process.words) + " ":
                rank = process.environment.get("PMI_RANK")
                is_launcher = rank is None and "mpiexec" in Path(process.words[0]).name
                if rank is not None or is_launcher:
                    found[f"rank {rank}" if rank is not None else "mpiexec"] = process
        return found

    def kill_everything(self) -> None:
        """Leave nothing behind, whatever happened."""
        deadline = time.monotonic() + 30
        while found := list(started_for(self.folder)):
            assert time.monotonic() < deadline, f"still there: {found}"
            for process in found:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
            if self.server is not None:
                self.server.process.poll()
            time.sleep(0.02)


def _answers(store: redis.Redis) -> bool:
    with suppress(redis.RedisError):
        return bool(store.ping())
    return False


@contextmanager
def world(lease_seconds: float) -> Iterator[World]:
    """A running system, of which nothing is left at the end of the block."""
    with short_folder() as folder:
        running = World(folder, lease_seconds)
        try:
            running.start()
            yield running
        except AssertionError as error:
            raise AssertionError(f"{error}\nthe services said at last:\n{running.last_words()}") from error
        finally:
            running.kill_everything()
