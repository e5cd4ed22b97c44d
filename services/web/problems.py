"""Every error leaves as one shape: a problem document (RFC 9457)."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

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
    UnsupportedMediaTypeError,
)
from services.web import logs
from services.web.methods import allowed

MEDIA_TYPE = "application/problem+json"
ALWAYS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
"""Of every answer: it is of the moment and for the subject alone, and what users write is never a page or a script."""
_MOST_ERRORS = 20
_LONGEST_NAME = 100
_RETRY_AFTER = {"description": "Seconds after which to try again.", "schema": {"type": "integer", "minimum": 1}}
# Python's own phrases for these two changed between its releases; an API's words should not.
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
_log = logging.getLogger(__name__)


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


def install(app: FastAPI) -> None:
    """Answer every error of the app with a problem document."""
    app.add_exception_handler(ForesailError, _foresail)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)


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


class BodyTooLarge(HTTPException):
    """Raised while a body is read: of all exceptions, FastAPI lets only its own kind through there."""

    def __init__(self, detail: str) -> None:
        super().__init__(TooLargeError.status, detail)


def documented(error: type[ForesailError]) -> dict[str, Any]:
    """The OpenAPI entry of an error."""
    entry: dict[str, Any] = {"description": (error.__doc__ or "").splitlines()[0], "model": Problem}
    if issubclass(error, RetryableError):
        entry["headers"] = {"Retry-After": _RETRY_AFTER}
    return entry


async def _foresail(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ForesailError):
        raise error
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("%s", error.detail)
    return of_error(request.url.path, error)


async def _validation(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    if any(fault["loc"][0] == "body" for fault in found) and isinstance(error.body, bytes):
        return of_error(request.url.path, _not_json(request))
    return of_error(request.url.path, InvalidError.of([(_place(fault), _sentence(fault)) for fault in found]))


def _not_json(request: Request) -> UnsupportedMediaTypeError:
    given = request.headers.get("content-type", "")
    return UnsupportedMediaTypeError(f"the body is {given[:100] or 'of no type'}; send application/json")


def _place(fault: Mapping[str, Any]) -> str:
    """The field's path, without the tags in <> by which a body's possible forms are told apart."""
    parts = fault["loc"][:1] if fault["type"] == "json_invalid" else fault["loc"]
    return ".".join(str(part)[:_LONGEST_NAME] for part in parts if not str(part).startswith("<"))


def _sentence(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "json_invalid":
        return f"not JSON: {fault['ctx']['error']} (character {fault['loc'][1]})"
    if fault["type"] == "extra_forbidden":
        return "there is no such field"
    message = str(fault["msg"]).removeprefix("Value error, ")
    given = fault.get("input")
    shown = isinstance(given, bool | int | float | str) and len(str(given)) < 40 and "password" not in str(fault["loc"])
    return f"{message}, not {given!r}" if shown else message


async def _http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    path, status, detail = request.url.path, HTTPStatus(error.status_code), str(error.detail)
    if isinstance(error, BodyTooLarge):
        return of_error(path, TooLargeError(detail))
    if status == HTTPStatus.BAD_REQUEST:  # FastAPI's word for a body that cannot be parsed at all
        return of_error(path, InvalidError("the body is not JSON in UTF-8, or nested too deep", "body"))
    if status == HTTPStatus.NOT_FOUND:
        detail = f"there is nothing at {path}"
    headers = error.headers
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        detail, headers = f"{request.method} is not possible at {path}", {"Allow": allowed(request)}
    code = status.phrase.lower().replace(" ", "_").replace("-", "_")
    return problem(path, status, code, detail, headers=headers)
