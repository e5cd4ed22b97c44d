"""Jobs to try things with, and short ways to say what happens to them."""

from services.models import JobSpec
from services.store import claims, queues
from services.store.connection import Store


def spec(priority: int = 0, assets: int = 2) -> JobSpec:
    return JobSpec("market", tuple(range(assets)), "ols", 10, priority)


async def push(store: Store, queue: int, count: int = 1, priority: int = 0, owner: str = "bob") -> list[int]:
    return list(await queues.enqueue(store, queue, owner, [spec(priority)] * count))


async def take(store: Store, queue: int, most: int = 100, lease: float = 30) -> tuple[claims.Claim, list[int]]:
    """A claim, and the ids in it."""
    claim = await claims.claim(store, queue, most, lease)
    return claim, [job.id for job in claim.jobs]


async def complete(store: Store, claim: claims.Claim, packed: bytes = b"result") -> frozenset[int]:
    outcomes = [claims.Outcome(job.id, len(job.spec.assets), packed) for job in claim.jobs]
    return await claims.complete(store, claim, outcomes)


async def fail(store: Store, claim: claims.Claim, reason: str = "impossible") -> frozenset[int]:
    outcomes = [claims.Outcome(job.id, len(job.spec.assets), reason=reason) for job in claim.jobs]
    return await claims.complete(store, claim, outcomes)


async def waiting(store: Store, queue: int) -> list[int]:
    return [job.id for _, job in await queues.waiting(store, queue, None, 1000)]


async def dead(store: Store, queue: int) -> list[int]:
    return [job.id for _, job in await queues.dead_letters(store, queue, None, 1000)]
