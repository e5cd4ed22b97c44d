"""A client that offers another protocol by `Upgrade` is answered by HTTP/1.1, and its body is read."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator

import pytest

from tests.api.server import PASSWORD, Api
from tests.api.wires import answer, connection, is_closed

OFFER = (
    b"Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"
)
WRONG = b'{"user": "nobody", "password": "wrong"}'
LOGIN = b"POST /auth/login HTTP/1.1\r\nContent-Type: application/json\r\n" + OFFER
HIDDEN = b"POST /auth/users HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
LAST = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture
def wire(api: Api) -> Iterator[socket.socket]:
    with connection(api.server) as found:
        yield found


def statuses(wire: socket.socket) -> list[int]:
    """Of all answers until the server closes."""
    read = b""
    while piece := wire.recv(65536):
        read += piece
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", read)]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"Content-Length: %d\r\n\r\n%s" % (len(WRONG), WRONG), id="of a known length"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(WRONG), WRONG), id="in chunks"),
    ],
)
@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_a_body_is_read_whatever_pieces_it_comes_in(wire: socket.socket, body: bytes, step: int) -> None:
    sent = LOGIN + body + LAST
    for at in range(0, len(sent), step):
        wire.sendall(sent[at : at + step])
    assert statuses(wire) == [401, 200]


def test_a_body_that_comes_later_is_no_request(wire: socket.socket) -> None:
    wire.sendall(b"GET /livez HTTP/1.1\r\n" + OFFER + b"Content-Length: %d\r\n\r\n" % len(HIDDEN))
    assert answer(wire).status == 200
    wire.sendall(HIDDEN + LAST)
    assert statuses(wire) == [200]


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close", b"HTTP/1.0\r\nConnection: Upgrade"]
)
def test_a_connection_that_is_to_be_closed_is_answered_first(wire: socket.socket, head: bytes) -> None:
    length = b"Content-Type: application/json\r\nContent-Length: %d" % len(WRONG)
    wire.sendall(b"POST /auth/login " + head + b"\r\nUpgrade: h2c\r\n" + length + b"\r\n\r\n" + WRONG)
    assert statuses(wire) == [401]


def test_a_request_sent_ahead_behind_an_offer_is_answered(api: Api, wire: socket.socket) -> None:
    websocket = OFFER.replace(b"h2c", b"websocket")
    wire.sendall(b"".join(b"GET /livez HTTP/1.1\r\n" + offer + b"\r\n" for offer in (OFFER, websocket)) + LAST)
    assert statuses(wire) == [200, 200, 200]
    assert "WebSocket" not in api.server.text()


def test_offers_beyond_those_that_may_be_sent_ahead_are_refused(wire: socket.socket) -> None:
    wire.sendall((b"GET /auth HTTP/1.1\r\n" + OFFER + b"\r\n") * 100)
    assert is_closed(wire)


@pytest.mark.parametrize("target", [b"x:443", b"/auth"])
def test_nobody_is_connected_with_others(wire: socket.socket, target: bytes) -> None:
    wire.sendall(b"CONNECT " + target + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
    found = answer(wire)
    assert (found.status, found.body["code"]) == (400, "malformed")
    assert found.body["detail"] == "CONNECT asks a proxy for a connection, and this is no proxy"
    assert is_closed(wire)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_that_would_rather_speak_http2_logs_in(api: Api) -> None:
    assert api.admin.is_closed is False, "there is the user"
    body = f'{{"user": "admin", "password": "{PASSWORD}"}}'
    options = ["-sS", "--http2", "--json", body]
    found = subprocess.run(
        ["curl", *options, f"{api.server.url}/auth/login"], capture_output=True, check=True, timeout=30
    )
    assert b'"token"' in found.stdout
