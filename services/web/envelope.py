"""What surrounds every request: its id, its size limit, its log line and its metrics."""

import asyncio
import logging
import re
import time
import uuid

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.errors import TooLargeError
from services.web import access, logs, metrics, problems
from services.web.bodies import LARGE_BODY, BodyTooLarge, Limited, announced, is_upload
from services.web.places import HEALTH

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LONGEST_PATH = 200
_ALWAYS = [(name.encode(), value.encode()) for name, value in problems.ALWAYS.items()]
_log = logging.getLogger("foresail.requests")


class Envelope:
    """Middleware; `limit` and `large_limit` are bytes, the latter for a PUT below one of `uploads`.

    What needs no token takes no large body.
    """

    def __init__(self, app: ASGIApp, limit: int, large_limit: int, uploads: tuple[str, ...]) -> None:
        self.app = app
        self.limit = limit
        self.large_limit = large_limit
        self.uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        serving: set[asyncio.Task[object] | None] = scope["app"].state.serving
        task = asyncio.current_task()
        serving.add(task)
        logs.request_id.set(_request_id(dict(scope["headers"]).get(b"x-request-id", b"")))
        answer = _Answer(scope, send)
        body = Limited(receive, self._limit(scope))
        try:
            body.check(announced(scope) or 0)
            await self.app(scope, body.receive, answer.send)
        except BodyTooLarge as error:
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
        if (scope["method"], scope["path"]) in access.PUBLIC:
            return LARGE_BODY
        return self.large_limit if is_upload(scope, self.uploads) else self.limit


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
        level = logging.DEBUG if path in HEALTH else logging.INFO
        _log.log(level, "%s %s %d in %.1f ms", method, path, self._status, seconds * 1000, extra=fields)


def _request_id(given: bytes) -> str:
    text = given.decode("latin-1")
    return text if _SANE_ID.fullmatch(text) else uuid.uuid4().hex
