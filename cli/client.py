"""HTTP with the services: every failure becomes one CliError that says what to do."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from cli.errors import CliError, Refused, UsageError
from cli.exits import Exit
from cli.output import Record

PAGE = 1000
TIMEOUT = httpx.Timeout(60, connect=5)
AWAY = {502, 503, 504}
_PART = re.compile(r"\b(?:body|query|path)\.(?=\w)")
"""Of a request, in the place of a fault: who types a command knows only the field's name."""


class Client:
    """A connection to one Foresail server. Paths begin with the service: `/queueing/queues`."""

    def __init__(self, url: str, token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # Setting TLS up takes 0.1 s, half of a short command, and plain HTTP has no use for it.
        self._http = httpx.Client(
            base_url=url,
            headers=headers,
            timeout=TIMEOUT,
            verify=url.startswith("https:"),
            trust_env=not _is_here(url),  # no proxy knows the server on this machine
        )
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
        return _json(self._request(method, path, query=query, content=content, headers=headers), self.url)

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
        with self._translated(), self._http.stream("GET", path, headers={"Accept": "text/event-stream"}) as response:
            if response.is_error:
                response.read()
                raise refusal(response)
            yield from parse_events(response.iter_lines())

    def head(self, path: str) -> httpx.Response:
        """The bare answer at this path, whatever its status."""
        with self._translated():
            return self._http.get(path)

    def _call(self, method: str, path: str, body: object = None, query: Mapping[str, object] | None = None) -> Any:
        return _json(self._request(method, path, query=query or {}, json=body), self.url)

    def _request(self, method: str, path: str, *, query: Mapping[str, object], **parts: Any) -> httpx.Response:
        given = {name: str(value) for name, value in query.items() if value is not None}
        with self._translated():
            response = self._http.request(method, path, params=given, **parts)
        if response.is_error:
            raise refusal(response)
        return response

    def _translated(self) -> "_Translated":
        return _Translated(self.url)


class _Translated:
    """Turns what httpx raises into a CliError."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, UnicodeEncodeError):
            # Without the text and from None: a password may stand in it.
            raise UsageError("what was given is no text: it holds bytes that are not UTF-8") from None
        if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
            raise UsageError(f"{self._url} is no URL that can be used: {error}") from error
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            hint = "is it running? Start one with foresail-local, or name another by --url"
            raise CliError(f"cannot reach {self._url}: {_why(error)}; {hint}", Exit.UNREACHABLE) from error
        if isinstance(error, httpx.TimeoutException):
            raise CliError(f"{self._url} did not answer in time; try again", Exit.UNREACHABLE) from error
        if isinstance(error, httpx.TransportError):
            raise CliError(f"the connection to {self._url} broke: {error}", Exit.UNREACHABLE) from error


def parse_events(lines: Iterable[str]) -> Iterator[tuple[str, Record]]:
    """Server-sent events out of their lines: comments are left out, an event without data carries {}."""
    name, data = "message", ""
    for line in lines:
        if line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            data += line[5:].strip()
        elif not line and (data or name != "message"):
            yield name, json.loads(data or "{}")
            name, data = "message", ""


def refusal(response: httpx.Response) -> Refused:
    """The problem document of an answer as an error with the exit code that belongs to its status."""
    text, more = f"{response.url.path} was answered by {response.status_code} {response.reason_phrase}", []
    with suppress(ValueError, KeyError, TypeError):
        problem = response.json()
        text = str(problem["detail"]).rstrip(".")
        faults = problem.get("errors") or []
        more = [f"{one['where']}: {one['detail']}" for one in faults if one["detail"] not in text]
    status = response.status_code
    code = Exit.FORBIDDEN if status in {401, 403} else Exit.UNREACHABLE if status in AWAY else Exit.REFUSED
    hints = [f"try again in {wait} s"] if (wait := response.headers.get("Retry-After")) else []
    return Refused(_PART.sub("", "; ".join([text, *more, *hints])), code, status)


def _is_here(url: str) -> bool:
    """Whether the server is on this machine: localhost or a loopback address."""
    with suppress(ValueError):
        host = urlsplit(url).hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    return False


def _json(response: httpx.Response, url: str) -> Any:
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError as error:
        raise CliError(f"{url} answers, but it is no Foresail server", Exit.UNREACHABLE) from error


def _why(error: Exception) -> str:
    text = str(error)
    if isinstance(error, httpx.ConnectTimeout):
        return "no answer"
    return text.partition("] ")[2].lower() or text or "no connection"
