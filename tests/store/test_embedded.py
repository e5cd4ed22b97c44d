"""The embedded store keeps what it accepted, holds its folder alone, and leaves no process behind that nobody ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.config import StoreSettings
from services.errors import ConflictError, UnavailableError
from services.store import claims, queues, setup
from services.store.embedded import EmbeddedStore
from tests.mpi.program import alive
from tests.store.process import client, embedded, kill, short_folder
from tests.store.samples import push, take, waiting
from tests.store.soundness import connected
from tests.waiting import wait_until

pytestmark = pytest.mark.anyio


async def test_a_restart_keeps_everything_even_after_a_kill() -> None:
    with short_folder() as folder:
        with embedded(folder, "always") as server:
            async with client(server.socket) as store:
                assert (await setup.settings(store))["appendfsync"] == "always"
                queue = await queues.create(store, "first", 3)
                ids = await push(store, queue, 5)
                claim, _ = await take(store, queue, 2, lease=3600)
                before = await queues.get(store, queue)
            kill(server)
        with embedded(folder) as server:
            async with client(server.socket) as store:
                assert await queues.get(store, queue) == before
                assert await waiting(store, queue) == ids[2:]
                assert await claims.release(store, claim, "") == 2
                assert await waiting(store, queue) == ids


async def test_a_held_folder_is_refused_and_left_alone() -> None:
    with short_folder() as folder, embedded(folder) as server:
        with pytest.raises(ConflictError, match=f"another Foresail uses the folder {folder}"):
            EmbeddedStore(folder).start()
        async with client(server.socket) as store:
            assert await store.command("PING") == b"PONG"


OWNER = """
import sys, time
from pathlib import Path
from services.store.embedded import EmbeddedStore
server = EmbeddedStore(Path(sys.argv[1]))
server.start()
print(server.process.pid, flush=True)
time.sleep(600)
"""


def orphan_in(folder: Path) -> int:
    """The process id of a store whose owner was killed."""
    command = [sys.executable, "-c", OWNER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        orphan = int(owner.stdout.readline())
        owner.kill()
    return orphan


async def test_an_orphan_is_ended_and_its_data_taken_over() -> None:
    with short_folder() as folder:
        orphan = orphan_in(folder)
        async with client(folder / "store.sock") as store:
            queue = await queues.create(store, "kept", 3)
        assert alive(orphan)
        with embedded(folder) as server:
            wait_until(lambda: not alive(orphan), "the orphan has ended")
            async with client(server.socket) as store:
                assert (await queues.get(store, queue)).name == "kept"


async def test_ctrl_c_on_the_terminal_does_not_reach_it() -> None:
    with short_folder() as folder, embedded(folder) as server:
        assert server.process is not None
        assert os.getpgid(server.process.pid) != os.getpgid(0)


@pytest.mark.parametrize("name", ["my data", "C#", "what?", "50%20", 'it\'s "here"', "Zürich"])
async def test_whatever_its_folder_is_called_it_is_reached(name: str) -> None:
    with short_folder() as folder, embedded(folder / name) as server:
        for url in (server.url, StoreSettings(folder=folder / name).address):
            async with connected(url) as store:
                assert await store.command("PING") == b"PONG"


async def test_only_the_owner_reads_it() -> None:
    with short_folder() as folder, embedded(folder / "data") as server:
        assert [path.stat().st_mode & 0o077 for path in (folder / "data", server.socket)] == [0, 0]


async def test_a_path_too_long_for_a_socket_is_named() -> None:
    folder = Path("/tmp") / ("x" * 100)
    with pytest.raises(
        UnavailableError, match=r"is too long for a unix socket; set \[store\] folder to a shorter path"
    ):
        EmbeddedStore(folder).start()
    assert not folder.exists()


async def test_a_folder_that_is_a_file_is_named() -> None:
    with short_folder() as folder:
        (folder / "file").touch()
        with pytest.raises(UnavailableError, match=r"cannot use the folder .*file"):
            EmbeddedStore(folder / "file").start()


async def test_a_damaged_file_is_told_and_the_folder_is_free_again() -> None:
    with short_folder() as folder:
        with embedded(folder) as server:
            async with client(server.socket) as store:
                await queues.create(store, "", 3)
        (manifest,) = folder.glob("appendonlydir/*.manifest")
        kept = manifest.read_bytes()
        manifest.write_bytes(b"nonsense\n")
        with pytest.raises(UnavailableError, match="the embedded store cannot start in"):
            EmbeddedStore(folder).start()
        manifest.write_bytes(kept)
        with embedded(folder) as server:
            async with client(server.socket) as store:
                assert len(await queues.page(store, 0, 10)) == 1


async def test_why_a_file_cannot_be_read_is_told() -> None:
    with short_folder() as folder:
        with embedded(folder):
            pass
        (base,) = folder.glob("appendonlydir/*.base.rdb")
        base.write_bytes(b"REDIS0099" + base.read_bytes()[9:])
        said = "Can't handle RDB format version 99; Error reading the RDB base file appendonly.aof.1.base.rdb"
        with pytest.raises(UnavailableError, match=f"cannot start in {folder}: {said}"):
            EmbeddedStore(folder).start()
