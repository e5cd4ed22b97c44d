"""What a server's answer, or the lack of one, means for the command: one CliError that says what to do."""

import re
from contextlib import suppress
from types import TracebackType

import httpx

from cli.errors import CliError, Refused, UsageError
from cli.exits import Exit

AWAY = {502, 503, 504}
_PART = re.compile(r"\b(?:body|query|path)\.(?=\w)")
"""Of a request, in the place of a fault: who types a command knows only the field's name."""


class Translated:
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
    return Refused(_PART.sub("", "; ".join([text, *more, *_hints(response)])), code, status)


def _hints(response: httpx.Response) -> list[str]:
    if response.next_request is not None:
        there = response.next_request.url
        base, old = (f"{url.scheme}://{url.netloc.decode()}" for url in (there, response.url))
        return [f"the server sends you to {there}" + (f"; use --url {base}" if base != old else "")]
    wait = response.headers.get("Retry-After")
    return [f"try again in {wait} s"] if wait else []


def _why(error: Exception) -> str:
    text = str(error)
    if isinstance(error, httpx.ConnectTimeout):
        return "no answer"
    return text.partition("] ")[2].lower() or text or "no connection"
