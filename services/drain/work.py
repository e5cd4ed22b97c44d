"""The work itself: batch after batch until the queue is drained, claims and completions going on beside it."""

import asyncio

from services.drain.batch import portions
from services.drain.leases import Leases
from services.drain.outcomes import Forecaster
from services.models import Queue, QueueState
from services.store import queues
from services.store.claims import Claim
from services.store.connection import Store


class Work:
    """Drains one queue; one batch is claimed ahead and one completion is under way while a batch is calculated."""

    def __init__(self, store: Store, queue: int, leases: Leases, forecaster: Forecaster, batch: int) -> None:
        self._store = store
        self._queue = queue
        self._leases = leases
        self._forecaster = forecaster
        self._batch = batch
        self._completing: asyncio.Task[object] | None = None

    async def drain(self, pause: float) -> str:
        """Return when nothing is left, with a reason where something is. Raises NotFoundError for the queue.

        Jobs under the lease of a dead run are waited for, asked every `pause` seconds.
        """
        ahead = self._claim()
        try:
            while not self._leases.closed:
                claim = await ahead
                if claim.jobs:
                    ahead = self._claim()
                    await self._finish(claim)
                    continue
                await self._completed()
                queue = await self._leases.patiently(lambda: queues.get(self._store, self._queue))
                if queue.state is QueueState.PAUSED:
                    return "the queue is paused"
                if _is_empty(queue):
                    break
                if not queue.ready:
                    await asyncio.sleep(pause)
                ahead = self._claim()
            return ""
        finally:
            await asyncio.gather(ahead, *filter(None, [self._completing]), return_exceptions=True)

    def _claim(self) -> "asyncio.Task[Claim]":
        return asyncio.create_task(self._leases.claim(self._batch))

    async def _finish(self, claim: Claim) -> None:
        for portion in portions(claim.jobs):
            async for outcomes in self._forecaster.outcomes(portion):
                await self._completed()
                if self._leases.closed:
                    return
                self._completing = asyncio.create_task(self._leases.complete(claim, outcomes))

    async def _completed(self) -> None:
        if self._completing is not None:
            await self._completing
            self._completing = None


def _is_empty(queue: Queue) -> bool:
    return queue.ready == 0 and queue.leased == 0
