"""What befalls the system: each at a moment that the progress of the work gives, and what a supervisor does then."""

import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random

from services.errors import UnavailableError
from services.models import Run, RunState
from services.store import keys, queues, runs
from services.store.connection import Store
from tests.kills.world import World
from tests.processes import Process
from tests.waiting import wait_until, wait_until_async

KINDS = ("rank 0", "rank 1", "mpiexec", "services", "exporter", "store", "sleep of rank 0", "frozen rank 1", "SIGTERM")
PATIENCE = 120
"""Seconds for any single fact; a busy machine is slow."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that befell the system while a run went on."""

    kind: str
    run: int
    jobs_done: int
    time: float


@dataclass
class Chaos:
    """Does the events of a plan one after the other."""

    world: World
    store: Store
    queue: int
    random: Random
    events: list[Event] = field(default_factory=list)

    async def happen(self, kind: str) -> None:
        """Wait until a run has done some more jobs, and let it happen."""
        run, program = await self._moment(self.random.randint(1, 150))
        self.events.append(Event(kind, run.id, run.jobs_done, time.time()))
        if kind == "services":
            self.world.kill_services()
            self.world.start()
        elif kind in ("exporter", "store"):
            self._kill_kept(kind)
        elif kind == "sleep of rank 0":
            if not await self._slept(run.id, program["rank 0"].pid):
                self.events.pop()
                await self.happen(kind)
        elif kind == "frozen rank 1":
            _signal(program["rank 1"], signal.SIGSTOP)
            await wait_until_async(lambda: self._over(run.id), f"run {run.id}, with a frozen rank, is over", PATIENCE)
            self.events[-1] = replace(self.events[-1], time=time.time())  # from now on its jobs can come back
        elif kind == "SIGTERM":
            _signal(program["mpiexec"], signal.SIGTERM)
        else:
            _signal(program[kind], signal.SIGKILL)

    async def _over(self, run: int) -> bool:
        with suppress(UnavailableError):
            return (await runs.get(self.store, run)).finished is not None
        return False

    async def _moment(self, jobs: int) -> tuple[Run, dict[str, Process]]:
        """A run that has done so many jobs by now and holds leases, and its processes."""
        found: list[tuple[Run, dict[str, Process]]] = []

        async def due() -> bool:
            with suppress(UnavailableError):
                for run in await runs.active(self.store):
                    if run.state is RunState.RUNNING and run.jobs_done >= jobs and await self._leased():
                        program = self.world.program(run.id)
                        if {"mpiexec", "rank 0", "rank 1"} <= set(program):
                            found.append((run, program))
                            return True
            return False

        await wait_until_async(due, f"a run has done {jobs} jobs and goes on", PATIENCE)
        return found[-1]

    async def _leased(self) -> int:
        return (await queues.get(self.store, self.queue)).leased

    def _kill_kept(self, kind: str) -> None:
        """Kill what foresail-local keeps beside its services, and wait until it has started that again."""
        look: Callable[[], Process | None] = self.world.store if kind == "store" else self.world.exporter
        wait_until(look, f"there is a process: {kind}", PATIENCE)
        victim = look()
        assert victim is not None
        _signal(victim, signal.SIGKILL)

        def again() -> bool:
            now = look()
            return now is not None and now.pid != victim.pid

        wait_until(again, f"the {kind} is started again", PATIENCE)
        if kind == "store":
            self.world.keep_history()

    async def _slept(self, run: int, pid: int) -> bool:
        """Stop rank 0 until its jobs were handed to another run, and let it go on; false where it held none."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
        try:
            held = await self._held(run)
            if not held:
                return False
            await wait_until_async(lambda: self._passed_on(held), "the sleeper's jobs are handed out again", PATIENCE)
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        return True

    async def _held(self, run: int) -> dict[int, bytes]:
        """The jobs of a run and the lease that each is under."""
        ids = [int(job) for job in await self.store.command("ZRANGE", keys.leased(self.queue), 0, -1)]
        found = await self.store.commands([("HMGET", keys.job(job), "lease", "run") for job in ids])
        return {job: lease for job, (lease, of) in zip(ids, found, strict=True) if of == str(run).encode()}

    async def _passed_on(self, held: dict[int, bytes]) -> bool:
        with suppress(UnavailableError):
            now = dict(zip(held, await self._leases(list(held)), strict=True))
            return any(lease and lease != held[job] for job, lease in now.items())
        return False

    async def _leases(self, ids: list[int]) -> list[bytes]:
        return await self.store.commands([("HGET", keys.job(job), "lease") for job in ids])

    async def drained(self) -> None:
        """Wait until nothing waits, nothing is claimed, and no run is left."""

        async def over() -> bool:
            with suppress(UnavailableError):
                queue = await queues.get(self.store, self.queue)
                return queue.ready == queue.leased == 0 and not await runs.active(self.store)
            return False

        waiting: Awaitable[None] = wait_until_async(over, "the queue is drained", PATIENCE)
        await waiting


def _signal(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(process.pid, number)
