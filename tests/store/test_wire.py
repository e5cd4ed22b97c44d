"""How a store is reached: every kind of URL, a password, a database, and one connection for all."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest

from services.config import StoreSettings
from services.errors import InvalidError, UnavailableError
from services.store.address import Address
from services.store.connection import Store
from tests.store.process import running

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def reached(url: str) -> AsyncIterator[Store]:
    store = Store.connect(StoreSettings(url=url, timeout_seconds=10))
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
        ("redis://me:SECRET@host/first", "invalid literal for int"),
        ("redis://me:SECRET@host/0?retries=3", "it has the option retries; there are db, ssl_ca_certs"),
        ("rediss://me:SECRET@host/0?ssl_ca_certs=/nowhere/ca.pem", "No such file"),
    ],
)
async def test_a_wrong_url_is_told_and_not_quoted(url: str, named: str) -> None:
    with pytest.raises(InvalidError, match=named) as told:
        Address.of(url)
    assert "FORESAIL_STORE_URL" in told.value.detail
    assert "SECRET" not in told.value.detail


async def test_rediss_asks_for_a_certificate_that_can_be_checked() -> None:
    tls = Address.of("rediss://host").tls
    assert tls is not None
    assert tls.check_hostname
    assert (Address.of("rediss://host").host, Address.of("redis://host").tls) == ("host", None)
