"""What surrounds every request: its id, its size limit, its log line and its metrics."""

import asyncio
import logging
import re
import time
import uuid
from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.errors import TooLargeError
from services.web import access, logs, metrics, problems
from services.web.places import LARGE_BODY

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LONGEST_PATH = 200
_QUIET = ("/livez", "/readyz")
_ALWAYS = [(name.encode(), value.encode()) for name, value in problems.ALWAYS.items()]
_log = logging.getLogger("foresail.requests")


class Envelope:
    """Middleware; `limit` and `large_limit` are bytes, the latter for a PUT below one of `large_bodies`.

    What needs no token takes no large body.
    """

    def __init__(self, app: ASGIApp, limit: int, large_limit: int, large_bodies: Sequence[str]) -> None:
        self.app = app
        self.limit = limit
        self.large_limit = large_limit
        self.large_bodies = tuple(large_bodies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        serving: set[asyncio.Task[object] | None] = scope["app"].state.serving
        task = asyncio.current_task()
        serving.add(task)
        headers = dict(scope["headers"])
        logs.request_id.set(_request_id(headers.get(b"x-request-id", b"")))
        answer = _Answer(scope, send)
        body = _Body(receive, self._limit(scope))
        try:
            body.announce(headers.get(b"content-length", b""))
            await self.app(scope, body.receive, answer.send)
        except problems.BodyTooLarge as error:
            await problems.of_error(scope["path"], TooLargeError(error.detail))(scope, receive, answer.send)
        except asyncio.CancelledError:
            # uvicorn does this where a request takes longer than an end may, and says what it did.
            if not answer.started:
                await problems.of_end(scope["path"])(scope, receive, answer.send)
        except Exception as error:
            _log.error("unexpected error", exc_info=error)
            if answer.started:
                raise
            await problems.of_bug(scope["path"])(scope, receive, answer.send)
        finally:
            answer.record()
            serving.discard(task)

    def _limit(self, scope: Scope) -> int:
        method, path = scope["method"], scope["path"]
        if (method, path) in access.PUBLIC:
            return LARGE_BODY
        return self.large_limit if method == "PUT" and path.startswith(self.large_bodies) else self.limit


class _Body:
    """Counts the bytes of a request's body."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0

    def announce(self, length: bytes) -> None:
        self._check(int(length) if length.isdigit() else 0)

    async def receive(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        self._check(self._seen)
        return message

    def _check(self, size: int) -> None:
        if size > self._limit:
            kib = self._limit / 2**10
            most = f"{kib:g} KiB" if kib < 2**10 else f"{kib / 2**10:g} MiB"
            raise problems.BodyTooLarge(f"the body has more than {most}, the most that is taken here")


class _Answer:
    """Notes the answer's status and duration."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._status = 500
        self.started = False
        self._start = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started, self._status = True, message["status"]
            own = (b"x-request-id", logs.request_id.get().encode())
            message["headers"] = [*message.get("headers", ()), own, *_ALWAYS]
        await self._send(message)

    def record(self) -> None:
        seconds = time.perf_counter() - self._start
        route = getattr(self._scope.get("route"), "path", metrics.UNKNOWN_ROUTE)
        # As it came, percent-encoded and without its query: no control character gets into a log on a terminal.
        method, path = (
            self._scope["method"],
            self._scope["raw_path"].decode("ascii", "backslashreplace")[:_LONGEST_PATH],
        )
        metrics.observe(method, route, self._status, seconds)
        fields = {"method": method, "path": path, "status": self._status, "milliseconds": round(seconds * 1000, 1)}
        level = logging.DEBUG if path in _QUIET else logging.INFO
        _log.log(level, "%s %s %d in %.1f ms", method, path, self._status, seconds * 1000, extra=fields)


def _request_id(given: bytes) -> str:
    text = given.decode("latin-1")
    return text if _SANE_ID.fullmatch(text) else uuid.uuid4().hex
