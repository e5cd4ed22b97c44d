"""A store and its reference side by side: what is done to one is done to the other, by the draws of one seed."""

import random
from collections.abc import Awaitable, Callable
from typing import Any

from services.config import StoreSettings
from services.store import claims
from services.store.connection import Store
from services.store.embedded import EmbeddedStore
from tests.store.outcome import outcome, outcome_of
from tests.store.reference import Reference

_SETTINGS = {"appendfsync": "always", "auto-aof-rewrite-min-size": "1mb"}
"""Nothing that was answered may be lost by a kill, and the file of thousands of schedules stays short."""


class Pair:
    """Both of them, what was done to them so far, and draws of what to do it with."""

    def __init__(self, server: EmbeddedStore, seed: int) -> None:
        self.server = server
        self.seed = seed
        self.draw = random.Random(seed)
        self.reference = Reference()
        self.claims: list[claims.Claim] = []
        self.pushed: int | None = None
        self.log: list[str] = []
        self.store = self.connected()

    async def both(self, what: str, real: Awaitable[Any], reference: Callable[[], Any]) -> Any:
        """Do it to both and compare the answers; returns it, or none where both refuse."""
        self.log.append(f"{self.reference.now:g}: {what}")
        answer, wanted = await outcome(real), outcome_of(reference)
        assert answer == wanted, f"{answer} instead of {wanted}"
        return None if isinstance(answer, type) else answer

    async def prepare(self) -> None:
        for name, value in _SETTINGS.items():
            await self.store.command("CONFIG", "SET", name, value)

    def connected(self) -> Store:
        store = Store.connect(StoreSettings(url=self.server.url, timeout_seconds=60))
        store.clock = lambda: self.reference.now
        return store

    def a_queue(self) -> int:
        """One that is there, mostly the first, or one that was there."""
        there, number = list(self.reference.queues), self.draw.choice([0, 0, 0, 1, 2, None])
        return there[number % len(there)] if there and number is not None else max(1, self.reference.last_queue - 1)

    def a_job(self) -> int:
        """One that is there, mostly one of the last, or one that was there or is not there yet."""
        there, number = list(self.reference.jobs)[::-1], self.draw.randrange(10)
        gone = self.draw.choice([max(1, self.reference.last_job - 5), self.pushed or 1])
        return there[number % len(there)] if there and number < 9 else gone

    def held(self) -> tuple[claims.Claim, list[int]]:
        """One of the last claims, mostly the last: older ones have mostly lost their leases."""
        claim = self.claims[-1 - self.draw.choice([0, 0, 0, 1, 1, 2, 3]) % len(self.claims)]
        return claim, [job.id for job in claim.jobs]

    def new_jobs(self) -> list[tuple[int, int]]:
        """Priorities and numbers of assets of new jobs."""
        return [(self.draw.choice([0, 0, 0, 5, 9]), self.draw.randint(1, 3)) for _ in range(self.draw.randint(1, 5))]
