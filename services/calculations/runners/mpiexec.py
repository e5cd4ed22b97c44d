"""Runs as child processes of this service: `mpiexec` on this machine."""

import asyncio
import logging
import time
from asyncio.subprocess import Process
from collections import deque
from collections.abc import Coroutine

from services.calculations.runners import last_words, program
from services.calculations.runners.silence import SILENT, Silence
from services.config import Settings
from services.errors import NotFoundError, UnavailableError
from services.models import Run, RunState
from services.store import runs
from services.store.connection import Store
from services.web import endless

ROUND_SECONDS = 2.0
_RETRY_SECONDS = 1.0
START_SECONDS = 300.0
"""For the ranks to start, on a machine however busy; until then the run is not silent, for its program is there."""
_STARTING = "its ranks are starting"
_log = logging.getLogger(__name__)


class MpiexecRunner:
    """Holds one child process for each run that it started."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._children: dict[int, Process] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False
        self._silence = Silence(settings.queue.lease_seconds)
        seconds = min(ROUND_SECONDS, settings.queue.lease_seconds / 4)
        sweep = endless.repeat("look after runs", self._look_after_runs, lambda: asyncio.sleep(seconds))
        self._sweep = asyncio.create_task(sweep)

    async def start(self, run: Run) -> None:
        """Start the program; raises UnavailableError."""
        words = ["--queue", str(run.queue), "--run", str(run.id), "--processes", str(run.processes)]
        child = await program.start(run.processes, words, self._settings)
        self._children[run.id] = child
        self._spawn(self._watch(run.id, child))

    def stop(self, run_id: int) -> None:
        """Signal the program if it does not heed the wish in its record."""
        child = self._children.get(run_id)
        if child is not None:
            self._spawn(program.end(child, patience=program.GRACE_SECONDS))

    async def check(self) -> str:
        """Say which mpiexec it is; raises UnavailableError where there is none."""
        return f"mpiexec: {program.mpiexec()}"

    async def close(self) -> None:
        """Signal every program and wait until each is gone and its record ended."""
        self._closing = True
        self._sweep.cancel()
        for child in self._children.values():
            self._spawn(program.end(child, patience=0))
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _look_after_runs(self) -> None:
        """Speak for runs that start and end those that nobody looks after, whoever started them."""
        try:
            active = await runs.active(self._store)
            for run in active:
                if self._starts(run):
                    await runs.note(self._store, run.id, _STARTING)
            for run in self._silence.look(active):
                if await runs.end_silent(self._store, run, SILENT):
                    _log.warning("run %d: %s", run.id, SILENT, extra={"run": run.id})
                self.stop(run.id)
        except Exception:
            self._silence.forget()
            raise

    def _starts(self, run: Run) -> bool:
        """Whether it is a run of this service whose program is there and has not begun yet."""
        child = self._children.get(run.id)
        alive = child is not None and child.returncode is None
        return alive and run.state is RunState.PENDING and time.time() - run.created < START_SECONDS

    def _spawn(self, doing: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch(self, run_id: int, child: Process) -> None:
        """Pass the program's talk to the log, and end the record of a program that did not do so itself."""
        tail: deque[str] = deque(maxlen=last_words.MOST_LINES)
        assert child.stdout is not None
        async for line in program.lines(child.stdout):
            tail.append(line)
            _log.info("%s", line, extra={"run": run_id})
        code = await child.wait()
        del self._children[run_id]
        while not await self._recorded(run_id, code, " ".join(tail) or "it said nothing"):  # noqa: ASYNC110
            await asyncio.sleep(_RETRY_SECONDS)

    async def _recorded(self, run_id: int, code: int, said: str) -> bool:
        """Whether that is over; a store that is away, which may be why the program ended, is worth another try."""
        try:
            await self._end_record(run_id, code, said)
        except UnavailableError as error:
            _log.warning("run %d ended, and its record does not say so yet: %s", run_id, error.detail)
            return self._closing
        except NotFoundError:
            _log.warning("run %d ended, and its record is gone", run_id)
        return True

    async def _end_record(self, run_id: int, code: int, said: str) -> None:
        """How a program ends that the service signalled tells of the signal, and nothing of the run."""
        run = await runs.get(self._store, run_id)
        state = program.EXIT_STATES.get(code, RunState.FAILED)
        reason = f"its program ended with {code}: {said}"
        if run.stop_requested:
            state, reason = RunState.STOPPED, "stopped on request; its jobs go back to the queue"
        elif self._closing:
            state, reason = RunState.STOPPED, "the service was stopped; its jobs go back to the queue"
        await runs.end(self._store, run_id, state, reason)
