"""Rank 0: the only rank that speaks to the store. It starts the run, lets it work, and writes down how it ended."""

import asyncio
import getpass
import logging
import secrets
import signal
from dataclasses import dataclass

import uvloop

from services.config import Settings
from services.drain.ending import BY_SIGNAL, Ending, ExitCode
from services.drain.heart import beat_while_going
from services.drain.leases import Leases
from services.drain.lifecycle import carry_out
from services.drain.outcomes import Forecaster
from services.drain.panels import Panels
from services.drain.patience import patiently
from services.drain.ranks import Ranks
from services.drain.work import Work
from services.errors import ForesailError, InvalidError, UnavailableError
from services.models import RunState
from services.settings import settings
from services.store import runs
from services.store.connection import Store

log = logging.getLogger(__name__)
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
"""They are blocked until someone listens here, so that none is lost while the program starts."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the program was asked for; a run and a number of ranks need not be named."""

    queue: int
    run: int | None
    processes: int | None


def drain(request: Request, ranks: Ranks) -> ExitCode:
    """Drain the queue with all ranks, send them home, and return the exit code."""
    return uvloop.run(_drain(request, ranks))


async def _drain(request: Request, ranks: Ranks) -> ExitCode:
    stopping = _stop_signal()
    try:
        ending = await _with_store(settings(), request, ranks, stopping)
    except ForesailError as error:
        ending = BY_SIGNAL if stopping.is_set() else Ending(None, error.detail)
    talk = log.info if ending.code is ExitCode.DRAINED else log.error
    talk("%s%s", ending.state or "not run", f": {ending.reason}" if ending.reason else "")
    ranks.end(ending.code)
    return ending.code


def _stop_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    return stopping


async def _with_store(config: Settings, request: Request, ranks: Ranks, stopping: asyncio.Event) -> Ending:
    store = Store.connect(config.store)
    try:
        run = await _find(store, request, config, len(ranks.hosts), stopping)
        ending = await _run(store, run, request, config, ranks, stopping)
        await _write_down(store, run, ending, config.queue.lease_seconds)
        return ending
    finally:
        await store.close()


async def _find(store: Store, request: Request, config: Settings, size: int, stopping: asyncio.Event) -> int:
    """The run that this program is: the one it was named, or a new one of the user who started it."""
    if request.run is None:
        lease = config.queue.lease_seconds
        return await runs.start(store, request.queue, getpass.getuser(), request.processes or size, lease)
    wanted = request.run
    named = await patiently(lambda: runs.get(store, wanted), config.queue.lease_seconds, lambda: not stopping.is_set())
    if named.queue != request.queue:
        raise InvalidError(f"run {named.id} is for queue {named.queue}, not for queue {request.queue}", "--run")
    return named.id


async def _run(
    store: Store, run: int, request: Request, config: Settings, ranks: Ranks, stopping: asyncio.Event
) -> Ending:
    lease, program = config.queue.lease_seconds, secrets.token_hex(8)
    size, hosts = len(ranks.hosts), list(dict.fromkeys(ranks.hosts))
    waiting = await patiently(lambda: runs.begin(store, run, hosts, program), lease, lambda: not stopping.is_set())
    # Not before it has begun: until then it may be another program's run, and not this one's to end.
    if request.processes not in (None, size):
        reason = f"{request.processes} ranks were asked for, and {size} came, on {', '.join(hosts)}"
        return Ending(RunState.FAILED, reason)
    log.info("run %d: %d jobs wait in queue %d; ranks: %d", run, waiting, request.queue, size)
    leases = Leases(store, request.queue, run, lease)
    forecaster = Forecaster(ranks, Panels(store, config.market, leases), config.run.silence_seconds)
    work = Work(store, request.queue, leases, forecaster, config.run.batch)
    return await carry_out(work.drain(lease / 20), beat_while_going(store, run, leases, lease), stopping, leases)


async def _write_down(store: Store, run: int, ending: Ending, lease_seconds: float) -> None:
    """End the run's record, if it is ours, and tell what it says; a store that stays away changes no ending."""
    state = ending.state
    try:
        if state is not None:
            await patiently(lambda: runs.end(store, run, state, ending.reason), lease_seconds)
        found = await runs.get(store, run)
        if state is None:
            log.info("run %d is %s: %s", run, found.state, found.reason or "no reason was given")
        log.info("run %d: %d jobs done, %d failed; %.0f a second", run, found.jobs_done, found.jobs_failed, found.rate)
    except UnavailableError as error:
        log.warning("run %d: its record may not say how it ended: %s", run, error.detail)
