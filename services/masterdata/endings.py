"""Ends jobs whose calculation broke off: nobody else would, for no run has them, and no lease of theirs runs out."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.errors import ConflictError, NotFoundError, UnavailableError
from services.models import JobStatus
from services.store import jobs
from services.store.connection import Store
from services.web.service import Context

_RETRY_SECONDS = 1.0
_log = logging.getLogger(__name__)


class Endings:
    """Jobs that have failed; those whose records do not say so yet, the store being away, are told again and again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tasks: set[asyncio.Task[None]] = set()

    async def fail(self, job_id: int, reason: str) -> None:
        """Make the job failed: at once where the store answers, else as soon as it does."""
        if not await self._recorded(job_id, reason):
            task = asyncio.create_task(self._repeat(job_id, reason))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Give up what could not be told."""
        for task in self._tasks:
            task.cancel()

    async def _repeat(self, job_id: int, reason: str) -> None:
        while not await self._recorded(job_id, reason):  # noqa: ASYNC110 - the store gives no sign when it is back
            await asyncio.sleep(_RETRY_SECONDS)

    async def _recorded(self, job_id: int, reason: str) -> bool:
        """Whether that is over; a job that was ended or deleted meanwhile needs no more."""
        try:
            await jobs.set_status(self._store, [job_id], JobStatus.FAILED, reason)
        except UnavailableError as error:
            _log.warning("job %d has failed, and its record does not say so yet: %s", job_id, error.detail)
            return False
        except (ConflictError, NotFoundError):
            pass
        return True


@asynccontextmanager
async def opened(context: Context) -> AsyncIterator[Endings]:
    """The endings of a service, for as long as it lives."""
    endings = Endings(context.store)
    try:
        yield endings
    finally:
        endings.close()
