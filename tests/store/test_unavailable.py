"""A store that is away or silent is told within the time that was set, and works again by itself afterwards."""

import asyncio
from typing import Any

import pytest

from services.errors import UnavailableError
from services.store import jobs, queues
from services.store.connection import Store
from services.store.wire import connect
from tests.store.process import client, embedded, running, short_folder, silent
from tests.store.samples import push
from tests.waiting import wait_until_async

pytestmark = pytest.mark.anyio
GENEROUS = 30


async def refused(store: Store) -> UnavailableError:
    async with asyncio.timeout(GENEROUS):
        with pytest.raises(UnavailableError, match="the store does not answer") as told:
            await push(store, 1)
        with pytest.raises(UnavailableError):
            await jobs.get_many(store, [1, 2])
        with pytest.raises(UnavailableError):
            await jobs.count(store)
    return told.value


async def answers(store: Store) -> bool:
    try:
        return await jobs.count(store) >= 0
    except UnavailableError:
        return False


async def was_sent(store: Store) -> bool:
    return b"cmdstat_get:" in await store.command("INFO", "commandstats")


async def test_nobody_listens() -> None:
    with short_folder() as folder:
        async with client(folder / "s", patience=0.2) as store:
            assert (await refused(store)).retry_after >= 1


async def test_a_silent_store_and_its_return() -> None:
    with short_folder() as folder, embedded(folder) as server:
        async with client(server.socket) as calm, client(server.socket, patience=0.2) as store:
            queue = await queues.create(calm, "", 3)
            with silent(server):
                await refused(store)
            await wait_until_async(lambda: answers(store), "the store answers again")
            ids = await push(calm, queue)
            assert [job.id for job in await jobs.get_many(calm, ids)] == ids


async def test_who_waits_for_an_attempt_to_connect_shares_its_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """One attempt after the other, the last of many would wait for many times the patience."""
    attempts: list[None] = []

    async def counted(*words: Any) -> Any:
        attempts.append(None)
        return await connect(*words)

    monkeypatch.setattr("services.store.connection.connect", counted)
    with short_folder() as folder, embedded(folder) as server:
        async with client(server.socket, patience=0.2) as store:
            with silent(server):
                asked = [jobs.count(store) for _ in range(20)]
                told = await asyncio.gather(*asked, return_exceptions=True)
            assert [type(one) for one in told] == [UnavailableError] * 20
            assert len(attempts) == 1
            await wait_until_async(lambda: answers(store), "the store answers again")


async def test_a_silent_store_while_more_is_sent_than_the_system_takes_for_it() -> None:
    large = b"." * 2**25
    with short_folder() as folder, embedded(folder) as server:
        async with client(server.socket, patience=0.2) as store:
            assert await answers(store)
            with silent(server):
                async with asyncio.timeout(GENEROUS):
                    sent = [store.command("SET", "large", large) for _ in range(3)]
                    told = await asyncio.gather(*sent, return_exceptions=True)
                assert [type(error) for error in told] == [UnavailableError] * 3
            await wait_until_async(lambda: answers(store), "the store answers again")


async def test_no_answer_is_taken_for_another_ones() -> None:
    """What was given up on, by a timeout or by a cancelled task, is never read by the next command."""
    with short_folder() as folder, embedded(folder) as server:
        async with client(server.socket) as store:
            await store.command("SET", "late", "late")
            with silent(server):
                given_up = [asyncio.create_task(store.command("GET", "late")) for _ in range(5)]
                for _ in range(100):  # turns of the loop in which the commands are sent
                    await asyncio.sleep(0)
                for task in given_up:
                    task.cancel()
                await asyncio.gather(*given_up, return_exceptions=True)
            echoes = await asyncio.gather(*(store.command("ECHO", n) for n in range(20)))
            assert echoes == [b"%d" % n for n in range(20)]
            await wait_until_async(lambda: was_sent(store), "the store sees what was sent before it was given up")


async def test_a_restarted_store_is_found_again() -> None:
    with short_folder() as folder:
        async with client(folder / "store.sock") as store:
            with embedded(folder):
                queue = await queues.create(store, "", 3)
                ids = await push(store, queue, 3)
            assert not await answers(store)
            with embedded(folder):
                await wait_until_async(lambda: answers(store), "the store answers again")
                assert [job.id for _, job in await queues.waiting(store, queue, None, 10)] == ids


async def test_a_full_store_takes_no_writes_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    with running("--maxmemory", "1mb", "--maxmemory-policy", "noeviction") as socket:
        async with client(socket) as store:
            with pytest.raises(UnavailableError, match=r"^the store takes no writes now; try again$"):
                await queues.create(store, "", 3)
            assert "used memory > 'maxmemory'" in caplog.text, "what the store says is for the log alone"
