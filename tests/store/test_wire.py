"""How a store is reached: every kind of URL, a password, a database, and one connection for all."""

import asyncio
import resource
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest
import uvloop

from services.config import StoreSettings
from services.errors import InvalidError, UnavailableError
from services.store.connection import Store
from services.store.embedded import EmbeddedStore
from tests.certificates import self_signed
from tests.store.process import running

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def reached(url: str, ca_file: str = "") -> AsyncIterator[Store]:
    store = Store.connect(StoreSettings(url=url, ca_file=ca_file, timeout_seconds=10))
    try:
        yield store
    finally:
        await store.close()


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port: int = taken.getsockname()[1]
        return port


async def test_by_tcp_with_a_password_and_a_database() -> None:
    port = free_port()
    with running("--port", str(port), "--bind", "127.0.0.1", "--requirepass", "p:w/d") as path:
        async with reached(f"redis://:p%3Aw%2Fd@127.0.0.1:{port}/3") as store:
            await store.command("SET", "here", 1)
        async with reached(f"unix://:p%3Aw%2Fd@{path}?db=3") as store:
            assert await store.command("GET", "here") == b"1"
        async with reached(f"unix://:p%3Aw%2Fd@{path}") as store:
            assert await store.command("GET", "here") is None


async def test_a_wrong_password_is_told_and_not_quoted() -> None:
    with running("--requirepass", "right") as path:
        async with reached(f"unix://:WRONG@{path}") as store:
            with pytest.raises(UnavailableError) as told:
                await store.command("PING")
    assert "WRONG" not in str(told.value)


async def test_many_at_once_share_one_connection() -> None:
    with running() as path:
        async with reached(f"unix://{path}") as store:
            echoes = await asyncio.gather(*(store.command("ECHO", number) for number in range(500)))
            assert echoes == [b"%d" % number for number in range(500)]
            clients = (await store.command("INFO", "clients")).decode()
    assert "connected_clients:1\r" in clients


async def test_what_is_given_at_once_is_sent_at_once() -> None:
    with running() as path:
        async with reached(f"unix://{path}") as store:
            before = await packets(store)
            await asyncio.gather(*(store.command("ECHO", number) for number in range(500)))
            assert await packets(store) - before < 10


@contextmanager
def little_memory() -> Iterator[None]:
    """Memory for 50 MiB more."""
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (size + (50 << 20), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


async def ask_with_little_memory(path: Path) -> list[object]:
    async with reached(f"unix://{path}") as store:
        await store.command("PING")
        unsent = asyncio.create_task(store.command("SET", "large", bytes(100 << 20)))
        await asyncio.sleep(0)
        with little_memory():
            await asyncio.sleep(0)
        asked = (store.command("ECHO", word) for word in ("first", "second"))
        answers: list[object] = await asyncio.gather(unsent, *asked, return_exceptions=True)
        return answers


def test_what_could_not_be_sent_gets_no_answer_of_others() -> None:
    # Without uvloop, as the exporter runs: asyncio joins what is to be sent, which takes memory.
    with running() as path:
        unsent, *others = asyncio.run(ask_with_little_memory(path))
    assert isinstance(unsent, UnavailableError)
    assert others == [b"first", b"second"]


async def packets(store: Store) -> int:
    """How often the server has read something from a client."""
    stats: str = (await store.command("INFO", "stats")).decode()
    return int(stats.partition("total_reads_processed:")[2].split()[0])


async def test_of_a_transaction_one_wrong_command_is_told_and_nothing_is_done() -> None:
    with running() as path:
        async with reached(f"unix://{path}") as store:
            with pytest.raises(Exception, match="unknown command 'NONSENSE'"):
                await store.commands([("SET", "a", 1), ("NONSENSE",)])
            assert await store.command("GET", "a") is None


async def test_large_values_go_through_whole() -> None:
    value = bytes(range(256)) * 2**17
    with running() as path:
        async with reached(f"unix://{path}") as store:
            await store.command("SET", "large", value)
            assert await store.command("GET", "large") == value


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("redis://me:SECRET@host:port/0", "Port could not be cast"),
        ("redis://me:SECRET@host/0?retries=3", "unexpected keyword argument 'retries'"),
        ("redis://me:SECRET@host/0?socket_timeout=soon", "Invalid value for 'socket_timeout'"),
    ],
)
async def test_a_wrong_url_is_told_and_not_quoted(url: str, named: str) -> None:
    with pytest.raises(InvalidError, match=named) as told:
        Store.connect(StoreSettings(url=url))
    assert "FORESAIL_STORE_URL" in told.value.detail
    assert "SECRET" not in told.value.detail


@asynccontextmanager
async def encrypted(path: Path, certificate: Path, key: Path) -> AsyncIterator[int]:
    """TLS in front of a store, for the embedded one is built without; yields the port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_unix_connection(path)
        await asyncio.gather(pass_on(reader, inner_writer), pass_on(inner_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(2**16):
        writer.write(data)
    writer.close()


async def test_by_tls_with_a_certificate_that_can_be_checked_and_not_without(tmp_path: Path) -> None:
    key, certificate = self_signed(tmp_path, "localhost")
    with running() as path:
        async with encrypted(path, certificate, key) as port:
            async with reached(f"rediss://localhost:{port}/0", str(certificate)) as store:
                assert await store.command("PING") == b"PONG"
            async with reached(f"rediss://localhost:{port}/0") as store:
                with pytest.raises(UnavailableError):
                    await store.command("PING")


def test_a_certificate_that_cannot_be_used_is_told_at_once(tmp_path: Path) -> None:
    wrong, missing = tmp_path / "wrong.pem", tmp_path / "missing.pem"
    wrong.write_text("no certificate", "utf-8")
    for url, file, reason in (
        ("rediss://localhost/0", missing, "No such file"),
        ("rediss://localhost/0", wrong, "NO_CERTIFICATE_OR_CRL_FOUND"),
        ("redis://localhost/0", wrong, "for a url that begins with rediss://"),
    ):
        with pytest.raises(InvalidError, match="ca_file") as told:
            Store.connect(StoreSettings(url=url, ca_file=str(file)))
        assert reason in told.value.detail


def test_a_connection_that_was_lost_a_moment_ago_is_told_like_any_other(store_server: EmbeddedStore) -> None:
    """On the services' own event loop, which says so in another way until somebody has read that it was lost."""

    async def lose() -> None:
        async with reached(store_server.url) as store:
            await store.command("PING")
            assert store._wire is not None
            writer = store._wire._connection._writer
            assert writer is not None
            writer.transport.abort()
            await asyncio.sleep(0)
            assert store._wire.usable, "nobody has noticed yet"
            with pytest.raises(UnavailableError, match="the store does not answer"):
                await store.command("PING")
            assert await store.command("PING") == b"PONG"

    uvloop.run(lose())
