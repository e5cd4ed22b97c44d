"""Work, heartbeat and the wish to stop beside each other: whichever comes first decides how the run ends."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from services.drain.ending import BY_SIGNAL, Ending
from services.drain.leases import Leases
from services.drain.waiting import SilentError
from services.errors import ForesailError, NotFoundError
from services.models import RunState

log = logging.getLogger(__name__)
RELEASE_SECONDS = 5.0
"""For giving leases back to a store that may be away; they run out by themselves."""
GRACE_SECONDS = 2.0
"""For the batch that is being calculated when its jobs were given back; after it the ranks are aborted."""


async def carry_out(
    work: Coroutine[Any, Any, str], heart: Coroutine[Any, Any, str], stopping: asyncio.Event, leases: Leases
) -> Ending:
    """Let the work go on until it is done, the heart says no, or `stopping` is set; gives back what is not finished.

    After a bug, or where a rank is silent, the leases run out by themselves: that counts the attempt, so that what
    brings it about ends among the dead letters.
    """
    working, beating = asyncio.create_task(work), asyncio.create_task(heart)
    signalled = asyncio.create_task(stopping.wait())
    await asyncio.wait({working, beating, signalled}, return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        ending = _of_work(working)
    elif signalled.done():
        ending = BY_SIGNAL
    else:
        ending = _of_heart(beating)
    if ending.counts:
        leases.closed = True
    elif ending.state is not RunState.DONE:
        await _give_back(leases, ending)
    beating.cancel()
    signalled.cancel()
    # What comes second changes nothing any more, not even an exception.
    settled = asyncio.gather(working, beating, signalled, return_exceptions=True)
    await asyncio.wait({settled}, timeout=GRACE_SECONDS)
    return ending


def _of_work(working: "asyncio.Task[str]") -> Ending:
    error = working.exception()
    match error:
        case None:
            return Ending(RunState.DONE, working.result())
        case NotFoundError():
            return Ending(RunState.STOPPED, error.detail)
        case ForesailError():
            return Ending(RunState.FAILED, error.detail)
        case SilentError():
            return Ending(RunState.FAILED, str(error), counts=True)
        case _:
            return _bug(error)


def _of_heart(beating: "asyncio.Task[str]") -> Ending:
    error = beating.exception()
    if isinstance(error, ForesailError):
        return Ending(RunState.FAILED, error.detail)
    if error is not None:
        return _bug(error)
    if beating.result() == "stop":
        return Ending(RunState.STOPPED, "stopped on request")
    return Ending(None, "the run was ended by others")


def _bug(error: BaseException) -> Ending:
    log.error("a bug ended the run", exc_info=error)
    return Ending(RunState.FAILED, f"internal error: {type(error).__name__}: {error}", counts=True)


async def _give_back(leases: Leases, ending: Ending) -> None:
    try:
        async with asyncio.timeout(RELEASE_SECONDS):
            count = await leases.give_back(f"given back by run {leases.run}: {ending.reason}")
        log.info("gave %d jobs back", count)
    except (ForesailError, TimeoutError) as error:
        log.warning("could not give the leases back, they run out by themselves: %s", error)
