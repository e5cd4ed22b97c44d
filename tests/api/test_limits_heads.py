"""Heads that are too large, requests that do not come on, answers that nobody takes, and too many connections."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import httpx
import numpy as np
import pytest

from services.models import Dataset
from services.store import datasets
from services.store.embedded import EmbeddedStore
from tests.api.people import admin_at
from tests.api.server import Server
from tests.api.service import alone
from tests.api.wires import HEAD, Answer, answer, connection, has_come, is_closed, refused
from tests.store.process import short_folder
from tests.store.soundness import connected
from tests.waiting import wait_until

KIB = 1024
LIMITS = {
    "FORESAIL_WEB_HEAD_LIMIT_KIB": "16",
    "FORESAIL_WEB_SLOW_CLIENT_SECONDS": "1",
    "FORESAIL_WEB_LEAST_KIB_A_SECOND": "64",
    "FORESAIL_WEB_MOST_CONNECTIONS": "20",
}
BODY = b"POST /queueing/queues HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
LOGIN = BODY.replace(b"/queueing/queues", b"/auth/login")


@pytest.fixture(scope="module")
def guarded(store_server: EmbeddedStore) -> Iterator[Server]:
    with short_folder() as folder:
        with alone("queueing", folder, {"FORESAIL_STORE_URL": store_server.url, **LIMITS}) as running:
            yield running
        assert "Traceback" not in running.text()


def assert_refused(found: Answer, status: int, code: str) -> None:
    assert found.status == status
    assert found.headers["content-type"] == "application/problem+json"
    assert (found.headers["cache-control"], found.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert found.headers["connection"] == "close"
    assert (found.body["status"], found.body["code"]) == (status, code)


def assert_serves(server: Server) -> None:
    assert httpx.get(f"{server.url}/readyz").status_code == 200


def send_until_answered(wire: socket.socket, first: bytes, piece: bytes, most: int = 0) -> int:
    """Send `first` and then the same piece again and again until something comes back; how many bytes it took."""
    wire.sendall(first)
    sent, deadline = len(first), time.monotonic() + 30
    while not has_come(wire):
        assert time.monotonic() < deadline, "the server listens for ever"
        assert not most or sent <= most, "the server takes anything"
        with suppress(ConnectionError):
            wire.sendall(piece)
        sent += len(piece)
        if len(piece) < KIB:
            time.sleep(0.02)
    return sent


def test_a_head_just_below_the_limit_is_read(guarded: Server) -> None:
    with connection(guarded) as wire:
        wire.sendall(HEAD + b"X-Long: " + b"x" * 15 * KIB + b"\r\n\r\n")
        assert answer(wire).status == 401


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(HEAD + b"X-Long: " + b"x" * 1024 * KIB + b"\r\n\r\n", id="a header of 1 MiB"),
        pytest.param(HEAD + b"X-Long: " + b"x" * 17 * KIB + b"\r\n\r\n", id="a header just above the limit"),
        pytest.param(HEAD + b"a:b\r\n" * 3300 + b"\r\n", id="thousands of small headers"),
        pytest.param(b"GET /" + b"x" * 17 * KIB + b" HTTP/1.1\r\nHost: x\r\n\r\n", id="a long path"),
        pytest.param(b"GET /?" + b"x" * 1024 * KIB + b" HTTP/1.1\r\nHost: x\r\n\r\n", id="a long query"),
        pytest.param(b"\r\n" * 17 * KIB, id="empty lines"),
    ],
)
def test_a_head_above_the_limit_is_refused(guarded: Server, head: bytes) -> None:
    with connection(guarded) as wire:
        wire.sendall(head)
        found = answer(wire)
        assert_refused(found, 431, "head_too_large")
        assert found.body["detail"] == "the head of the request has more than 16 KiB, the most here"
        assert is_closed(wire)
    assert_serves(guarded)


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        pytest.param(HEAD + b"X-Endless: ", b"x" * 4 * KIB, id="one header"),
        pytest.param(HEAD, b"X-Endless: " + b"x" * 4 * KIB + b"\r\n", id="headers"),
        pytest.param(b"GET /", b"x" * 4 * KIB, id="path"),
        pytest.param(LOGIN + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Endless: ", b"x" * 4 * KIB, id="trailer"),
        pytest.param(LOGIN + b"Transfer-Encoding: chunked\r\n\r\n1;x=", b"x" * 4 * KIB, id="extension of a chunk"),
    ],
)
def test_an_endless_head_is_refused_long_before_its_end(guarded: Server, first: bytes, piece: bytes) -> None:
    with connection(guarded) as wire:
        # What is on its way in the system's buffers may be megabytes; what is read is not.
        send_until_answered(wire, first, piece, 64 * KIB * KIB)
        assert_refused(answer(wire), 431, "head_too_large")
        assert is_closed(wire)


def test_the_path_of_a_refused_request_is_told_as_it_was_sent(guarded: Server) -> None:
    with connection(guarded) as wire:
        wire.sendall(b"GET /a%20%C3%A4b?c HTTP/1.1\r\nX-Long: " + b"x" * 17 * KIB + b"\r\n\r\n")
        assert answer(wire).body["instance"] == "/a%20%C3%A4b"


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/9.9\r\n\r\n"])
def test_what_is_no_http_is_told(guarded: Server, garbage: bytes) -> None:
    with connection(guarded) as wire:
        wire.sendall(garbage)
        assert_refused(answer(wire), 400, "malformed")
        assert is_closed(wire)


def test_some_requests_may_be_sent_ahead_and_thousands_may_not(guarded: Server) -> None:
    before = refused(guarded, "malformed")
    with connection(guarded) as wire:
        wire.sendall((HEAD + b"\r\n") * 10)
        read = b""
        while read.count(b"HTTP/1.1 401") < 10:
            piece = wire.recv(65536)
            assert piece, read
            read += piece
    with connection(guarded) as wire:
        wire.sendall((HEAD + b"\r\n") * 1000)
        assert is_closed(wire)
    assert refused(guarded, "malformed") == before + 1
    assert_serves(guarded)


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        pytest.param(b"", b"", id="nothing at all"),
        pytest.param(HEAD + b"X: ", b"x", id="a head byte by byte"),
        pytest.param(b"", b"\r\n", id="empty lines"),
        pytest.param(BODY + b"Content-Length: 50000\r\n\r\n", b" ", id="a body byte by byte"),
        pytest.param(BODY + b"Content-Length: 50000\r\n\r\n" + b" " * 25_000, b"", id="half of a body"),
        pytest.param(LOGIN + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", id="chunks of a byte"),
    ],
)
def test_a_request_that_does_not_come_on_is_ended(guarded: Server, first: bytes, piece: bytes) -> None:
    with connection(guarded) as wire:
        send_until_answered(wire, first, piece)
        assert_refused(answer(wire), 408, "too_slow")
        assert is_closed(wire)


def test_a_slow_body_that_comes_on_is_read(guarded: Server, store_server: EmbeddedStore) -> None:
    """For longer than the time in which something has to come."""
    pieces, size = 30, 16 * KIB
    token = asyncio.run(admin_at(store_server.url)).encode()
    with connection(guarded) as wire:
        wire.sendall(BODY + b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n" % (token, pieces * size))
        for _ in range(pieces):
            wire.sendall(b" " * size)
            time.sleep(0.07)  # what is tested is that such a body, of 230 KiB a second, is waited for
        assert answer(wire).status == 422


def test_a_connection_between_two_requests_is_not_hurried(guarded: Server) -> None:
    with connection(guarded) as wire:
        for _ in range(2):
            wire.sendall(HEAD + b"\r\n")
            assert answer(wire).status == 401
            time.sleep(1.5)  # longer than a request may take to come; uvicorn's own time for this is 5 s


def test_an_answer_that_nobody_takes_is_dropped(store_server: EmbeddedStore, tmp_path: Path) -> None:
    settings = {"FORESAIL_STORE_URL": store_server.url, **LIMITS}
    with alone("masterdata", tmp_path, settings) as server:
        token = asyncio.run(_with_a_large_dataset(store_server.url))
        before = refused(server, "too_slow")
        with connection(server, receive_buffer=4 * KIB) as wire:
            path = b"GET /masterdata/datasets/large HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            wire.sendall(path + token.encode() + b"\r\n\r\n")
            wait_until(lambda: refused(server, "too_slow") > before, "the connection is ended")
            assert is_closed(wire)


def test_answers_that_are_taken_slowly_do_not_pile_up(store_server: EmbeddedStore, tmp_path: Path) -> None:
    """Ten MB each, for a dozen: whose answer has been on its way for longest is cut off, and the last one's is not."""
    settings = {"FORESAIL_STORE_URL": store_server.url, "FORESAIL_WEB_SLOW_CLIENT_SECONDS": "600"}
    with alone("masterdata", tmp_path, settings) as server, ExitStack() as stack:
        token = asyncio.run(_with_a_large_dataset(store_server.url))
        request = HEAD.replace(b"/queueing/queues", b"/masterdata/datasets/large") + b"Authorization: Bearer "
        wires = [stack.enter_context(connection(server, receive_buffer=64 * KIB)) for _ in range(12)]
        for wire in wires:
            wire.sendall(request + token.encode() + b"\r\n\r\n")
            wait_until(partial(has_come, wire), "its answer is on its way")
        assert refused(server, "too_slow") >= 1
        assert is_closed(wires[0])
        assert len(answer(wires[-1]).body["assets"]) == 100_000


async def _with_a_large_dataset(url: str) -> str:
    token = await admin_at(url)
    async with connected(url) as store:
        names = tuple(f"{number:0100}" for number in range(100_000))
        values = np.zeros((len(names), 8))
        await datasets.put(store, Dataset("large", "ann", 0, 8, names, 0.0), values, replace_others=False)
    return token


def test_one_connection_too_many_closes_the_one_that_was_silent_for_longest(guarded: Server) -> None:
    before = refused(guarded, "connections")
    with ExitStack() as stack:
        idle = [stack.enter_context(connection(guarded)) for _ in range(18)]
        for wire in idle:
            wire.sendall(HEAD + b"\r\n")
            assert answer(wire).status == 401
        more = [stack.enter_context(connection(guarded)) for _ in range(4)]
        for wire in more:
            wire.sendall(HEAD + b"\r\n")
            assert answer(wire).status == 401
        assert is_closed(idle[0])
        assert not has_come(idle[-1])
    assert refused(guarded, "connections") > before


def test_hundreds_of_idle_connections_keep_nobody_out(guarded: Server) -> None:
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(connection(guarded))
        for _ in range(20):
            assert_serves(guarded)
        sockets = [link for link in _links(guarded) if link.startswith("socket:")]
        assert len(sockets) < 40


def test_bodies_that_do_not_come_keep_nobody_out(guarded: Server) -> None:
    head = BODY + b"Expect: 100-continue\r\nContent-Length: 60\r\n\r\n"
    with ExitStack() as stack:
        for wire in [stack.enter_context(connection(guarded)) for _ in range(20)]:
            wire.sendall(head)
            assert wire.recv(65536).startswith(b"HTTP/1.1 100 ")
        assert_serves(guarded)


def _links(server: Server) -> list[str]:
    found = []
    for link in Path(f"/proc/{server.process.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found.append(str(link.readlink()))
    return found
