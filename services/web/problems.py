"""Every error leaves as one shape: a problem document (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.errors import (
    ForbiddenError,
    ForesailError,
    HeadTooLargeError,
    InvalidError,
    MalformedError,
    RetryableError,
    TooLargeError,
    TooSlowError,
    UnauthenticatedError,
    UnavailableError,
)
from services.web import logs

MEDIA_TYPE = "application/problem+json"
ALWAYS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
"""Of every answer: it is of the moment and for the subject alone, and what users write is never a page or a script."""
_MOST_ERRORS = 20
_RETRY_AFTER = {"description": "Seconds after which to try again.", "schema": {"type": "integer", "minimum": 1}}
# Python's own phrases for these two changed between its releases; an API's words should not.
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    where: str
    detail: str


class Problem(BaseModel):
    """What went wrong (RFC 9457): `code` is for programs, `detail` for people."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[Fault] | None = None


def responses(*errors: type[ForesailError]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries of these errors and of those that every endpoint with a token may answer."""
    return public_responses(UnauthenticatedError, ForbiddenError, *errors)


def public_responses(*errors: type[ForesailError]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries of these errors and of those that every endpoint may answer."""
    every: tuple[type[ForesailError], ...] = (
        *(MalformedError, TooSlowError, HeadTooLargeError),  # before the request is known: services/web/protocol.py
        *(InvalidError, TooLargeError, UnavailableError),
    )
    return {int(error.status): documented(error) for error in (*every, *errors)}


def problem(
    path: str,
    status: int,
    code: str,
    detail: str,
    faults: Sequence[Fault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer for an error."""
    body = Problem(
        title=_TITLES.get(status) or HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=quote(path),
        code=code,
        errors=list(faults or []) or None,
    )
    return JSONResponse(body.model_dump(exclude_none=True), status, headers, MEDIA_TYPE)


def of_error(path: str, error: ForesailError) -> JSONResponse:
    """The answer for one of our errors."""
    headers = {}
    if isinstance(error, RetryableError):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, UnauthenticatedError):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, ForbiddenError):
        headers["WWW-Authenticate"] = 'Bearer error="insufficient_scope"'
    told = error.problems[:_MOST_ERRORS] if isinstance(error, InvalidError) else ()
    faults = [Fault(where=where, detail=text) for where, text in told]
    return problem(path, error.status, error.code, error.detail, faults, headers)


def of_bug(path: str) -> JSONResponse:
    """The answer for an exception that nobody expected: what it says is for the log alone."""
    detail = f"something went wrong here; the service's log tells what (request {logs.request_id.get()})"
    return problem(path, 500, "internal", detail)


def of_end(path: str) -> JSONResponse:
    """The answer for a request that the service's end cuts off."""
    detail = "the service is ending, and the request was cut off; look what was done, then try again"
    return of_error(path, UnavailableError(detail))


def outside(answer: JSONResponse) -> JSONResponse:
    """An answer that leaves without passing the envelope, which adds these headers to the others."""
    answer.headers.update(ALWAYS)
    return answer


def documented(error: type[ForesailError]) -> dict[str, Any]:
    """The OpenAPI entry of an error."""
    entry: dict[str, Any] = {"description": (error.__doc__ or "").splitlines()[0], "model": Problem}
    if issubclass(error, RetryableError):
        entry["headers"] = {"Retry-After": _RETRY_AFTER}
    return entry
