"""A small world for questions of access: people of each kind, and the things that each of them owns."""

import time
from dataclasses import dataclass

import numpy as np

from services.config import MarketSettings
from services.forecasting.rows import forecast_rows
from services.models import LEVELS, Dataset, JobSpec, Role, RunState
from services.store import datasets, jobs, panels, queues, results, runs, tokens, users
from services.store.connection import Store
from tests.store.soundness import connected

PEOPLE = {
    "adam": Role.ADMIN,
    "mia": Role.MANAGER,
    "emil": Role.EMPLOYEE,
    "cora": Role.EMPLOYEE,
    "dora": Role.EMPLOYEE,
    "root": Role.ADMIN,
}
"""dora is disabled; root is there so that adam is not the last admin."""
_SPEC = JobSpec("market", (0,), "ols", 2)


@dataclass(frozen=True, slots=True)
class Things:
    """What stands in the place of a path's parameters."""

    owner: str
    done: int
    free: int
    """A job in no queue."""
    queue: int
    run: int
    token: str


async def populate(store: Store, password_hash: str, owner: str) -> Things:
    """Everybody, and one of each thing that `owner` owns. The store has to be empty."""
    for name, role in PEOPLE.items():
        await users.create(store, name, role, password_hash)
    index = await queues.create(store, "", 3)
    await queues.enqueue(store, index, owner, [_SPEC])
    job = await jobs.create(store, owner, _SPEC)
    await jobs.finish(store, job, await _result(store))
    free = await jobs.create(store, owner, _SPEC)
    run = await runs.start(store, index, "mia", 1, 60)
    await runs.end(store, run, RunState.DONE)
    series = np.arange(20.0).reshape(1, 20)
    await datasets.put(store, Dataset(owner, owner, 0, 20, ("a",), time.time()), series, replace_others=False)
    other = await token_of(store, owner, password_hash)
    return Things(owner, job, free, index, run, tokens.digest(other)[: tokens.ID_LENGTH])


async def token_of(store: Store, name: str, password_hash: str, seconds: int = 600) -> str:
    """A token of the person."""
    token = await tokens.issue(store, name, password_hash, seconds)
    assert token is not None
    return token


async def admin_at(url: str) -> str:
    """The token of ann, a new admin of the store with this address."""
    async with connected(url) as store:
        await users.create(store, "ann", Role.ADMIN, "hash")
        return await token_of(store, "ann", "hash")


async def disable(store: Store, name: str) -> None:
    """Disable a person without ending its tokens, as no endpoint would: what counts is the record."""
    await users.change(store, name, {"disabled": 1})


async def _result(store: Store) -> bytes:
    dataset, values = await panels.load(store, MarketSettings(), "market")
    rows = forecast_rows("ols", values[:1], 2, LEVELS, 1, dataset.bounds)
    return results.pack(2, LEVELS, 1, 1, time.time()) + rows.tobytes()
