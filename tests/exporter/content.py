"""Fills a store with a bit of everything, and reads everything back for comparison."""

import asyncio
from collections.abc import Sequence

import numpy as np

from services.forecasting.rows import RowLayout
from services.models import Dataset, JobSpec, JobStatus, Role, RunState
from services.store import claims, datasets, jobs, keys, queues, results, runs, tokens, users
from services.store.claims import Outcome
from services.store.connection import Store
from tests.store.soundness import connected

SPEC = JobSpec("market", (0, 1, 2), "ols", 10)
CANCELLED = JobStatus.CANCELLED
LEVELS = (80, 95)
_READ = {
    b"string": ("GET",),
    b"hash": ("HGETALL",),
    b"set": ("SMEMBERS",),
    b"zset": ("ZRANGE", 0, -1, "WITHSCORES"),
    b"list": ("LRANGE", 0, -1),
    b"stream": ("XRANGE", "-", "+"),
}


async def everything(store: Store) -> dict[str, object]:
    """The content of every key, apart from the exporter's own, what is noted for it, and the trail of who did what."""
    found: dict[str, object] = {}
    for name in sorted(await store.command("KEYS", "*")):
        verb, *rest = _READ[await store.command("TYPE", name)]
        value = await store.command(verb, name, *rest)
        if verb == "HGETALL":
            value = dict(zip(value[::2], value[1::2], strict=True))
        found[name.decode()] = set(value) if verb == "SMEMBERS" else value
    for own in (keys.EXPORT, keys.CHANGES, keys.CHANGE_SEQUENCE, keys.AUDIT):
        found.pop(own, None)
    return found


def packed(spec: JobSpec, seed: int = 0, odd: Sequence[float] = (float("nan"), float("inf"), -0.0, 5e-324)) -> bytes:
    """A packed result of random numbers that begins with odd ones."""
    rows = np.random.default_rng(seed).normal(size=(len(spec.assets), RowLayout(spec.horizon, LEVELS).width))
    rows.ravel()[: len(odd)] = odd
    return results.pack(spec.horizon, LEVELS, len(spec.assets), 1, 1700000000.123456) + rows.astype("<f8").tobytes()


async def fill(store: Store) -> int:
    """Users, a dataset, a deleted queue, and a queue with jobs of each kind, none leased; returns its index."""
    await users.create(store, "ada", Role.ADMIN, "$argon2id$v=19$m=64")
    await users.create(store, "bøb", Role.EMPLOYEE, "$argon2id$v=19$m=65")
    dataset = Dataset("prices", "ada", 0, 50, ("Ä", "7", "b,c"), 0.0, 5, (0.5, 1e300), "1990-01-02", "1990-03-12")
    await datasets.put(store, dataset, np.random.default_rng(1).normal(size=(3, 50)), replace_others=False)
    await queues.delete(store, await queues.create(store, "gone", 3))
    index = await queues.create(store, "7", 1)
    await queues.enqueue(store, index, "bøb", [SPEC] * 4 + [JobSpec("prices", (2,), "theta", 3, 9)])
    await _drain(store, index)
    await queues.pull(store, index)
    alone = await jobs.create(store, "ada", SPEC)
    await jobs.finish(store, alone, packed(SPEC, 3))
    await jobs.delete(store, [await jobs.create(store, "ada", SPEC)])
    return index


async def put(store: Store, name: str, steps: int = 8) -> int:
    """Put ada's dataset of one series; returns its version."""
    dataset = Dataset(name, "ada", 0, steps, ("a",), 0.0)
    return await datasets.put(store, dataset, np.zeros((1, steps)), replace_others=False)


async def _drain(store: Store, index: int) -> None:
    """A run that finishes the first job, fails the second and gives the third back."""
    run = await runs.start(store, index, "ada", 2, 30)
    await runs.begin(store, run, ["here", "there"], "program")
    held = await claims.claim(store, index, 3, 30, run)
    first, second, _ = held.jobs
    outcomes = [
        Outcome(first.id, len(first.spec.assets), packed(first.spec)),
        Outcome(second.id, len(second.spec.assets), reason="impossible: \u2026"),
    ]
    assert await claims.complete(store, held, outcomes, run) == frozenset()
    await claims.release(store, held, "stopped")
    await runs.end(store, run, RunState.STOPPED, "asked to")


async def forecast_one(store: Store, index: int) -> int:
    """A job that is pushed, claimed and finished."""
    await queues.enqueue(store, index, "bob", [SPEC])
    held = await claims.claim(store, index, 1, 30)
    await claims.complete(store, held, [Outcome(held.jobs[0].id, len(SPEC.assets), packed(SPEC))])
    return held.jobs[0].id


def put_here(url: str, name: str, steps: int) -> None:
    """Put a dataset, from outside of an event loop."""

    async def write() -> None:
        async with connected(url) as store:
            await put(store, name, steps)

    asyncio.run(write())


def create_job(url: str) -> int:
    """One job more, while a process is at work."""

    async def create() -> int:
        async with connected(url) as store:
            return await jobs.create(store, "ada", SPEC)

    return asyncio.run(create())


async def log_in(store: Store, name: str) -> str:
    """A token of the user."""
    token = await tokens.issue(store, name, (await users.get(store, name)).password_hash, 100)
    assert token is not None
    return token


def traces(token: str) -> list[bytes]:
    """The token and what the store knows of it."""
    return [token.encode(), tokens.digest(token).encode(), tokens.digest(token)[: tokens.ID_LENGTH].encode()]
