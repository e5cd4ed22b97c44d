"""HTTP with the services: every failure becomes one CliError that says what to do."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx

from cli.answers import read
from cli.output import Record
from cli.refusals import Translated, refusal
from cli.transport import opened, timeout

PAGE = 1000


class Client:
    """A connection to one Foresail server. Paths begin with the service: `/queueing/queues`."""

    def __init__(self, url: str, token: str = "") -> None:
        with Translated(url):
            httpx.URL(url)
        self._http = opened(url, token)
        self._end: float | None = None
        self.url = url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def authorise(self, token: str) -> None:
        """Speak for the subject of this token from now on."""
        self._http.headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        """End the connection; the session's token stays valid."""
        self._http.close()

    @contextmanager
    def until(self, end: float | None) -> Iterator[None]:
        """Wait for no answer longer than until then, by the monotonic clock, to the end of the block."""
        self._end = end
        try:
            yield
        finally:
            self._end = None

    def get(self, path: str, **query: object) -> Any:
        """The JSON at this path."""
        return self._call("GET", path, query=query)

    def post(self, path: str, body: object = None) -> Any:
        """Post JSON; what the server answers."""
        return self._call("POST", path, body)

    def put(self, path: str, body: object = None) -> Any:
        """Put JSON; what the server answers."""
        return self._call("PUT", path, body)

    def delete(self, path: str, **query: object) -> Any:
        """Delete what is at this path; what the server answers, mostly nothing."""
        return self._call("DELETE", path, query=query)

    def send(self, method: str, path: str, content: Iterable[bytes], size: int, kind: str, **query: object) -> Any:
        """Send a body of `size` bytes and media type `kind` piece by piece."""
        headers = {"Content-Type": kind, "Content-Length": str(size)}
        return self._read(self._request(method, path, query=query, content=content, headers=headers))

    def pages(self, path: str, most: int | None = None, size: int = PAGE, **query: object) -> Iterator[Record]:
        """The records of a list, by pages of `size`, up to `most` of them."""
        cursor: str | None = None
        left = most
        while left is None or left > 0:
            limit = size if left is None else min(size, left)
            page = self.get(path, limit=limit, cursor=cursor, **query)
            yield from page["items"]
            cursor, left = page["next"], None if left is None else left - len(page["items"])
            if cursor is None:
                return

    def events(self, path: str) -> Iterator[tuple[str, Record]]:
        """Server-sent events as (name, data), until the server ends the stream."""
        with Translated(self.url), self._http.stream("GET", path, headers={"Accept": "text/event-stream"}) as response:
            if not response.is_success:
                response.read()
                raise refusal(response)
            yield from parse_events(response.iter_lines(), self.url)

    def head(self, path: str) -> httpx.Response:
        """The bare answer at this path, whatever its status."""
        with Translated(self.url):
            return self._http.get(path)

    def _call(self, method: str, path: str, body: object = None, query: Mapping[str, object] | None = None) -> Any:
        return self._read(self._request(method, path, query=query or {}, json=body))

    def _read(self, response: httpx.Response) -> Any:
        if not response.content and response.request.method != "GET":
            return None
        return read(response.content, self.url)

    def _request(self, method: str, path: str, *, query: Mapping[str, object], **parts: Any) -> httpx.Response:
        given = {name: str(value) for name, value in query.items() if value is not None}
        with Translated(self.url):
            response = self._http.request(method, path, params=given, timeout=timeout(self._end), **parts)
        if not response.is_success:
            raise refusal(response)
        return response


def parse_events(lines: Iterable[str], url: str = "") -> Iterator[tuple[str, Record]]:
    """Server-sent events out of their lines: comments are left out, an event without data carries {}."""
    name, data = "message", ""
    for line in lines:
        if line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            data += line[5:].strip()
        elif not line and (data or name != "message"):
            yield name, read(data or "{}", url)
            name, data = "message", ""
