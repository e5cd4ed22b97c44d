"""How many requests are served at a time: one more is answered at once that it has to come again.

Shedding costs an eighth of serving, so under any load the process serves as many as it can, and answers for its health.
Each kind of request that takes long or holds much memory has places of its own, so that it cannot take all of them.
A small body comes before its place is taken: it comes in its sender's time.
"""

import asyncio
import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.config import WebSettings
from services.errors import OverloadedError
from services.web import metrics, problems
from services.web.bodies import LARGE_BODY, announced, is_large, is_upload

HEALTH = ("/livez", "/readyz")
"""Paths that are answered under any load."""
_LONG = {("POST", "/auth/login"): "logins", ("POST", "/masterdata/jobs"): "calculations"}
_PLAIN, _WATCHERS, _UPLOADS, _LARGE = "requests", "watchers", "uploads", "large requests"
_AT_ONCE = (_UPLOADS, _LARGE)
_TELL_SECONDS = 10
_log = logging.getLogger(__name__)


class Places:
    """Middleware, the outermost; a PUT below one of `uploads` carries a dataset."""

    def __init__(self, app: ASGIApp, known: WebSettings, uploads: tuple[str, ...]) -> None:
        self.app = app
        self._uploads = uploads
        long = dict.fromkeys([*_LONG.values(), _UPLOADS, _LARGE], known.most_long_requests)
        self._free = {_PLAIN: known.most_requests, _WATCHERS: known.most_watchers, **long}
        self._most = dict(self._free)
        self._told = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or send it away."""
        if scope["type"] != "http" or scope["path"] in HEALTH:
            await self.app(scope, receive, send)
            return
        kind = self._kind(scope)
        if kind not in _AT_ONCE and scope["method"] != "GET" and (announced(scope) or 0) <= LARGE_BODY:
            try:
                receive = await _begun(receive)
            except asyncio.CancelledError:
                await problems.outside(problems.of_end(scope["path"]))(scope, receive, send)
                return
        if not self._free[kind]:
            await self._send_away(kind, scope, receive, send)
            return
        self._free[kind] -= 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._free[kind] += 1

    def _kind(self, scope: Scope) -> str:
        method, path = scope["method"], scope["path"]
        if method == "GET":
            return _WATCHERS if path.endswith("/events") else _PLAIN
        if is_upload(scope, self._uploads):
            return _UPLOADS
        return _LONG.get((method, path)) or (_LARGE if is_large(scope) else _PLAIN)

    async def _send_away(self, kind: str, scope: Scope, receive: Receive, send: Send) -> None:
        metrics.REFUSED.labels(kind).inc()
        if time.monotonic() > self._told + _TELL_SECONDS:
            self._told = time.monotonic()
            _log.warning("too much to do: %d %s are being served, and others are sent away", self._most[kind], kind)
        detail = f"{self._most[kind]} {kind} are being served, the most at a time; try again"
        answer = problems.outside(problems.of_error(scope["path"], OverloadedError(detail)))
        await answer(scope, receive, send)


async def _begun(receive: Receive) -> Receive:
    """Wait for all of a small body, or the beginning of one of unknown length; then it is received as one piece."""
    message = await receive()
    if message.get("more_body"):
        body = bytearray(message["body"])
        while message.get("more_body") and len(body) <= LARGE_BODY:
            message = await receive()
            body += message.get("body", b"")
        message["body"] = bytes(body)
    pieces = [message]

    async def again() -> Message:
        return pieces.pop() if pieces else await receive()

    return again
