"""Dumps: a job's record and its place are read one after the other, and jobs move in between."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from services.models import JobStatus
from services.store import dump, jobs, keys, queues
from services.store.connection import Store
from tests.store.samples import push, take

pytestmark = pytest.mark.anyio
Deed = Callable[[Store, int, int], Awaitable[None]]


async def claim(store: Store, queue: int, _job: int) -> None:
    await take(store, queue, 1)


async def delete(store: Store, _queue: int, job: int) -> None:
    await jobs.delete(store, [job])


async def cancel(store: Store, _queue: int, job: int) -> None:
    await jobs.set_status(store, [job], JobStatus.CANCELLED, "")


async def lose(store: Store, queue: int, job: int) -> None:
    """No script does so: what is broken is told as it is."""
    await store.command("ZREM", keys.ready(queue), job)


async def delete_queue(store: Store, queue: int, _job: int) -> None:
    await queues.delete(store, queue)


@pytest.mark.parametrize("deed", [claim, delete, cancel, delete_queue, pytest.param(lose, marks=pytest.mark.unsound)])
async def test_a_job_that_leaves_its_place_meanwhile_is_read_again(
    store: Store, queue: int, deed: Deed, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (await push(store, queue, 3))[0]
    whole, done = store.commands, list[None]()

    async def meanwhile(commands: Sequence[Sequence[Any]]) -> list[Any]:
        if not done and commands and commands[0][0] == "ZMSCORE":
            done.append(None)
            await deed(store, queue, first)
        return await whole(commands)

    monkeypatch.setattr(store, "commands", meanwhile)
    told = await dump.jobs(store, 0)
    assert done
    assert told == await dump.jobs(store, 0)
    assert all(b"score" in flat for job_id, flat in told if job_id != first)
