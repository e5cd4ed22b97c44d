"""How large a request's body is: what its head says of it, and what comes of it."""

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from services.errors import TooLargeError

LARGE_BODY = 64 * 1024
"""Bytes, as many as uvicorn holds of each connection anyway.

A body of more, or of unknown length, may grow to the limit of bodies, and its objects to ten times that.
"""


def announced(scope: Scope) -> int | None:
    """How many bytes of a body are announced; none where it comes in pieces and nobody knows."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else None
        if name == b"transfer-encoding":
            return None
    return 0


def is_large(scope: Scope) -> bool:
    """Whether the body is large, or may be."""
    length = announced(scope)
    return length is None or length > LARGE_BODY


def is_upload(scope: Scope, uploads: tuple[str, ...]) -> bool:
    """Whether the body is a dataset: that of a PUT below one of `uploads`."""
    path: str = scope["path"]
    return scope["method"] == "PUT" and path.startswith(uploads)


class BodyTooLarge(HTTPException):
    """Raised while a body is read: of all exceptions, FastAPI lets only its own kind through there."""

    def __init__(self, detail: str) -> None:
        super().__init__(TooLargeError.status, detail)


class Limited:
    """A body of at most `limit` bytes."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0

    async def receive(self) -> Message:
        """The next piece; raises BodyTooLarge."""
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        self.check(self._seen)
        return message

    def check(self, size: int) -> None:
        """Raise BodyTooLarge where so many bytes are too many."""
        if size > self._limit:
            kib = self._limit / 2**10
            most = f"{kib:g} KiB" if kib < 2**10 else f"{kib / 2**10:g} MiB"
            raise BodyTooLarge(f"the body has more than {most}, the most that is taken here")
