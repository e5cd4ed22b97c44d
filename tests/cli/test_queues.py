"""Queues are made, looked into, paused, emptied and deleted."""

import asyncio

import pytest

from tests.api.server import Api
from tests.cli.foresail import Foresail
from tests.store.samples import fail, take
from tests.store.soundness import connected

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine


def test_a_queue_from_its_making_to_its_end(manager: Foresail) -> None:
    made = manager.json("queues", "create", "daily", "--max-attempts", "2")
    assert (made["index"], made["name"], made["max_attempts"], made["state"]) == (1, "daily", 2, "open")
    manager("queues", "pause", "1")
    assert manager.json("queues", "list")[0]["state"] == "paused"
    manager("queues", "resume", "1")
    manager("queues", "delete", "1", "-y")
    assert manager.json("queues", "list") == []
    assert manager.json("queues", "create")["index"] == 2


def test_a_job_is_pulled_in_order_and_pushed_again(manager: Foresail, api: Api) -> None:
    api.manager.post("/queueing/queues", json={})
    for asset in (4, 5):
        api.manager.post("/queueing/queues/1/jobs", json={"assets": [asset]})
    assert [job["assets"] for job in manager.json("queues", "jobs", "1")] == [[4], [5]]
    assert "there are more than these 1" in manager("queues", "jobs", "1", "-n", "1").err
    assert manager("queues", "jobs", "1", "-n", "2").err == ""
    assert manager.json("queues", "pull", "1")["id"] == 1
    assert "put 1 job(s) into queue 1" in manager("queues", "push", "1", "1").err
    assert [job["id"] for job in manager.json("queues", "jobs", "1")] == [2, 1]
    assert "purged 2 job(s)" in manager("queues", "purge", "1", "--yes").err
    assert "nothing" in manager("queues", "pull", "1", code=1).err


def test_dead_letters_can_be_seen_and_redriven(manager: Foresail, api: Api) -> None:
    api.manager.post("/queueing/queues", json={})
    api.manager.post("/queueing/queues/1/jobs", json={"assets": [4]})
    asyncio.run(_bury(api.store_url, 1))
    (dead,) = manager.json("queues", "dead-letters", "1")
    assert (dead["assets"], dead["status"], dead["reason"]) == ([4], "failed", "too hard")
    assert "put 1 dead letter(s) back" in manager("queues", "redrive", "1").err
    assert manager.json("queues", "dead-letters", "1") == []
    assert [job["assets"] for job in manager.json("queues", "jobs", "1")] == [[4]]


async def _bury(url: str, queue: int) -> None:
    async with connected(url) as store:
        await fail(store, (await take(store, queue))[0], "too hard")


def test_an_employee_may_look_and_nothing_else(employee: Foresail, api: Api) -> None:
    api.manager.post("/queueing/queues", json={"name": "daily"})
    assert employee("queues", "list").lines[2].split()[:2] == ["1", "daily"]
    for words in (["pull", "1"], ["delete", "1", "--yes"], ["pause", "1"]):
        employee("queues", *words, code=3)
