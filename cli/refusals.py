"""What a server's answer, or the lack of one, means for the command: one CliError that says what to do."""

import re
from contextlib import suppress
from types import TracebackType

import httpx

from cli.answers import stranger
from cli.errors import CliError, Refused, UsageError
from cli.exits import Exit
from cli.transport import proxy

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
        if isinstance(error, httpx.DecodingError):
            raise stranger(self._url) from error
        if isinstance(error, httpx.TransportError):
            raise CliError(_broken(self._url, error), Exit.UNREACHABLE) from error


def refusal(response: httpx.Response) -> Refused:
    """The problem document of an answer as an error with the exit code that belongs to its status."""
    text, more = f"{response.url.path} was answered by {response.status_code} {response.reason_phrase}", []
    with suppress(ValueError, KeyError, TypeError, RecursionError):
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
    return [f"try again in {wait} s" if wait.isdecimal() else f"try again after {wait}"] if wait else []


def _broken(url: str, error: httpx.TransportError) -> str:
    """Why there was no answer, and whose fault it may be: the server's, or that of the proxy before it."""
    between = proxy(url)
    through = f" through the proxy {between}" if between else ""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        refused = _has(error, ConnectionRefusedError) and not between
        hint = "; is it running? Start one with foresail-local, or name another by --url" if refused else ""
        return f"cannot reach {url}{through}: {_why(error)}{hint}"
    if isinstance(error, httpx.TimeoutException):
        return f"{url} did not answer in time{through}; try again"
    return f"the connection to {url}{through} broke: {error}"


def _has(error: BaseException | None, cause: type[BaseException]) -> bool:
    return error is not None and (isinstance(error, cause) or _has(error.__cause__ or error.__context__, cause))


def _why(error: Exception) -> str:
    text = str(error)
    if isinstance(error, httpx.ConnectTimeout):
        return "no answer"
    return text.partition("] ")[2].lower() or text or "no connection"
