"""The leases that a run holds: it claims ahead, renews, finishes jobs and gives back what it cannot finish."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from services.drain.patience import Answer, patiently
from services.store import claims
from services.store.claims import Claim, Outcome
from services.store.connection import Store

TERM = 0.9
"""Of the time after which a silent run's jobs are to wait again: the rest is for the look for expired leases."""


@dataclass(frozen=True, slots=True)
class Held:
    """A claim and when its lease was last made longer, by the monotonic clock."""

    claim: Claim
    since: float


class Leases:
    """Everything that this run has claimed and not finished."""

    def __init__(self, store: Store, queue: int, run: int, seconds: float) -> None:
        self._store = store
        self._queue = queue
        self.run = run
        self._seconds = seconds
        self._term = seconds * TERM
        self._held: dict[int, Held] = {}
        self._claiming = asyncio.Lock()
        self.closed = False

    async def claim(self, most: int) -> Claim:
        """Take the next jobs, none once the leases are closed."""
        async with self._claiming:
            if self.closed:
                return Claim(self._queue, 0, ())
            since = time.monotonic()
            claim = await self.patiently(lambda: claims.claim(self._store, self._queue, most, self._term, self.run))
            if claim.jobs:
                self._held[claim.lease] = Held(claim, since)
            return claim

    async def complete(self, claim: Claim, outcomes: Sequence[Outcome]) -> frozenset[int]:
        """Finish jobs of a claim; returns those that the lease no longer held, of which nothing was stored."""
        # A second try after a lost answer finds the jobs finished and calls them stale: harmless.
        stale = await self.patiently(lambda: claims.complete(self._store, claim, outcomes, self.run))
        finished = {outcome.job_id for outcome in outcomes}
        held = self._held.get(claim.lease)
        if held is not None:
            left = tuple(job for job in held.claim.jobs if job.id not in finished)
            self._held[claim.lease] = replace(held, claim=replace(claim, jobs=left))
            if not left:
                del self._held[claim.lease]
        return stale

    async def renew(self) -> None:
        """Prolong every lease that is a third through; jobs that were lost meanwhile will be found stale."""
        for lease, held in list(self._held.items()):
            now = time.monotonic()
            if now - held.since >= self._seconds / 3:
                await claims.renew(self._store, held.claim, self._term)
                if lease in self._held:
                    self._held[lease] = replace(self._held[lease], since=now)

    async def give_back(self, reason: str) -> int:
        """Close, and release everything at once; returns how many jobs."""
        self.closed = True
        async with self._claiming:
            held = [self._held.pop(lease).claim for lease in list(self._held)]
        return sum([await claims.release(self._store, claim, reason) for claim in held])

    async def patiently(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Ask the store, and again while it is away; raises UnavailableError after the time of a lease."""
        return await patiently(ask, self._seconds, lambda: not self.closed)
