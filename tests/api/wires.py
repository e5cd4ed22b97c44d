"""Bare connections, for what no HTTP client would send."""

import re
import select
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any

import httpx
import orjson

from tests.api.server import Server

HEAD = b"GET /queueing/queues HTTP/1.1\r\nHost: x\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status, and the problem document or whatever the body says."""

    status: int
    headers: dict[str, str]
    body: Any


@contextmanager
def connection(server: Server, receive_buffer: int = 0) -> Iterator[socket.socket]:
    """A connection that waits half a minute for whatever is to come."""
    url = httpx.URL(server.url)
    with socket.socket() as wire:
        if receive_buffer:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        wire.settimeout(30)
        wire.connect((url.host, url.port or 80))
        yield wire


def answer(wire: socket.socket) -> Answer:
    """The only answer that is on its way; AssertionError where the server closed instead."""
    with closing(HTTPResponse(wire)) as response:
        try:
            response.begin()
            body = response.read()
        except (HTTPException, ConnectionError) as error:
            raise AssertionError(f"no answer, but {error!r}") from error
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, orjson.loads(body))


def is_closed(wire: socket.socket) -> bool:
    """Read all that still comes; whether the server then closed."""
    try:
        while wire.recv(65536):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


def has_come(wire: socket.socket) -> bool:
    """Whether an answer, or the end of the connection, has arrived; nothing is read."""
    return bool(select.select([wire], [], [], 0)[0])


def refused(server: Server, why: str) -> float:
    """How often the metrics say that something was refused."""
    found = re.search(rf'^foresail_http_refused_total{{why="{why}"}} (\S+)$', server.metrics(), re.MULTILINE)
    return float(found[1]) if found else 0.0
