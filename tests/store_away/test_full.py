"""A store that is full, or whose disk is: no write is accepted and then lost, reading goes on, nothing is restarted."""

import asyncio
import resource
import socket as sockets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.config import ExportSettings
from services.errors import UnavailableError
from services.exporter.loop import Loop
from services.exporter.metrics import ExportMetrics
from services.models import Role
from services.store import jobs, keys, restorer, setup, tokens, users
from services.store.connection import Store
from services.store.embedded import EmbeddedStore
from tests.exporter import content, process
from tests.store.process import client, running
from tests.store.soundness import connected
from tests.store_away.system import System, assert_away, file_size, system, until_ready
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(300)
NO_WRITES = "the store takes no writes now"


async def say(url: str, *words: str | int) -> None:
    async with connected(url) as store:
        await store.command(*words)


@contextmanager
def no_more_file(system: System, folder: Path) -> Iterator[None]:
    """The store's file may not grow, as on a full disk."""
    before = resource.prlimit(system.store_pid, resource.RLIMIT_FSIZE)
    resource.prlimit(system.store_pid, resource.RLIMIT_FSIZE, (file_size(folder), before[1]))
    try:
        yield
    finally:
        resource.prlimit(system.store_pid, resource.RLIMIT_FSIZE, before)


def test_a_full_memory_refuses_writes_alone_until_there_is_room() -> None:
    with system({}) as found:
        accepted = found.push_many(20).json()["last"]
        asyncio.run(say(found.store_url, "CONFIG", "SET", "maxmemory", "1mb"))
        answer = found.push()
        assert_away(answer)
        assert NO_WRITES in answer.json()["detail"]
        refused = found.client.get("/readyz")
        assert_away(refused)
        assert "it is full (maxmemory is 1048576 bytes)" in refused.json()["detail"]
        assert found.client.get("/livez").status_code == 200
        assert found.queue()["ready"] == accepted
        assert found.client.delete("/masterdata/jobs/1").status_code == 204, "making room is possible"
        asyncio.run(say(found.store_url, "CONFIG", "SET", "maxmemory", "0"))
        until_ready(found)
        assert found.push().status_code == 201
        assert found.queue()["ready"] == accepted


def test_a_full_memory_does_not_tell_right_passwords_from_wrong_ones() -> None:
    """A wrong one could not be counted, so that guessing would cost no wait."""
    with system({}) as found:
        assert login(found, "wrong").status_code == 401
        asyncio.run(say(found.store_url, "CONFIG", "SET", "maxmemory", "1mb"))
        answers = [login(found, password) for password in ("admin", *["wrong"] * 5, "admin")]
        for answer in answers:
            assert_away(answer)
            assert answer.json() == answers[0].json()
        asyncio.run(say(found.store_url, "CONFIG", "SET", "maxmemory", "0"))
        assert [login(found, password).status_code for password in [*["wrong"] * 3, "admin"]] == [401] * 3 + [429]


def login(found: System, password: str) -> httpx.Response:
    return httpx.post(f"{found.server.url}/auth/login", json={"user": "admin", "password": password}, timeout=30)


def test_a_full_disk_refuses_writes_until_there_is_room() -> None:
    with system({}) as found:
        folder = Path(found.store_url.removeprefix("unix://")).parent
        accepted = found.push_many(20).json()["last"]
        with no_more_file(found, folder):
            answers = pushed_until_refused(found)
            assert NO_WRITES in answers[-1].json()["detail"]
            refused = found.client.get("/readyz")
            assert_away(refused)
            assert "cannot write its file" in refused.json()["detail"]
            assert found.client.get("/livez").status_code == 200
            accepted += len(answers) - 1
            assert found.queue()["ready"] == accepted
        until_ready(found)
        assert found.push().status_code == 201
        wait_until(lambda: held_by_file(folder) == accepted + 1, "all that was accepted is in the file")


def test_a_store_that_waits_for_the_disk_ends_on_a_full_one_and_has_accepted_nothing_in_vain() -> None:
    with system({}, "--appendfsync", "always") as found:
        folder = Path(found.store_url.removeprefix("unix://")).parent
        accepted = found.push_many(20).json()["last"]
        with no_more_file(found, folder):
            answers = pushed_until_refused(found)
            assert held_by_file(folder) == accepted + len(answers) - 1


def pushed_until_refused(found: System) -> list[httpx.Response]:
    """The answers to pushes, one after the other, up to the one that says that the store is away."""
    answers = [found.push()]
    while answers[-1].status_code == 201:
        answers.append(found.push())
    assert_away(answers[-1])
    return answers


def held_by_file(folder: Path) -> int:
    """How many jobs a store would have that reads the file now."""
    (file,) = (folder / "appendonlydir").glob("*.incr.aof")

    async def count(copy: Path) -> int:
        async with client(copy) as store:
            return await jobs.count(store)

    with running("--appendonly", "no", "--save", "") as empty:
        replay(file, empty)
        return asyncio.run(count(empty))


def replay(file: Path, socket: Path) -> None:
    """Send the file to another store: it is a list of commands."""
    with sockets.socket(sockets.AF_UNIX) as connection:
        connection.connect(str(socket))
        connection.sendall(file.read_bytes() + b"QUIT\r\n")
        while connection.recv(1 << 16):
            pass


@asynccontextmanager
async def full(store: Store) -> AsyncIterator[None]:
    """The store takes no more."""
    await store.command("CONFIG", "SET", "maxmemory", 1)
    try:
        yield
    finally:
        await store.command("CONFIG", "SET", "maxmemory", 0)


@pytest.mark.anyio
async def test_a_store_is_unready_while_it_takes_no_writes(store: Store) -> None:
    await setup.check(store)
    async with full(store):
        with pytest.raises(UnavailableError, match="it is full"):
            await setup.check(store)
    await setup.check(store)


@pytest.mark.anyio
async def test_a_token_is_good_for_reading_while_its_last_use_cannot_be_noted(store: Store) -> None:
    await users.create(store, "ada", Role.ADMIN, "hash")
    token = await tokens.issue(store, "ada", "hash", 36_000)
    assert token is not None
    store.clock = lambda: time.time() + 3600
    (before,) = await tokens.of_user(store, "ada")
    async with full(store):
        assert await tokens.authenticate(store, token, 36_000)
        assert (await tokens.of_user(store, "ada"))[0].last_used == before.last_used
    assert await tokens.authenticate(store, token, 36_000)
    assert (await tokens.of_user(store, "ada"))[0].last_used > before.last_used


@pytest.mark.anyio
async def test_what_a_full_store_holds_is_exported(store: Store, store_server: EmbeddedStore, tmp_path: Path) -> None:
    await asyncio.to_thread(process.export, store_server.url, tmp_path)
    job_id = await jobs.create(store, "ada", content.SPEC)
    async with full(store):
        done = await asyncio.to_thread(process.run, store_server.url, tmp_path, "--once")
        assert (done.returncode, done.stderr.count("\n")) == (0, 2)  # the store's words are a line of their own
        assert "cannot note that" in done.stderr
        registry, stop = CollectorRegistry(), asyncio.Event()
        stop.set()
        await Loop(store, ExportSettings(folder=tmp_path), ExportMetrics(registry, None)).run(stop)
        assert registry.get_sample_value("foresail_export_errors_total") == 0
    assert f'"id":{job_id},'.encode() in process.contents(tmp_path)["masterdata.json"]


@pytest.mark.anyio
async def test_a_restore_that_finds_no_room_leaves_nothing(store: Store) -> None:
    begun = await restorer.begin(store)
    await begun.write([("SET", keys.JOB_SEQUENCE, 7)])
    async with full(store):
        with pytest.raises(UnavailableError, match=NO_WRITES):
            await begun.write([("SET", keys.QUEUE_SEQUENCE, 7)])
        await begun.undo()
    assert await store.command("EXISTS", keys.JOB_SEQUENCE, keys.RESTORING, keys.RESTORER) == 0
