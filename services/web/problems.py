"""Every error leaves as one shape: a problem document (RFC 9457)."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from services.errors import (
    ForbiddenError,
    ForesailError,
    InvalidError,
    RetryableError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
)

MEDIA_TYPE = "application/problem+json"
_MOST_ERRORS = 20
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
    always = (InvalidError, UnauthenticatedError, ForbiddenError, TooLargeError, UnavailableError)
    return {int(error.status): _documented(error) for error in (*always, *errors)}


def public_responses(*errors: type[ForesailError]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries of these errors alone."""
    return {int(error.status): _documented(error) for error in errors}


def as_problem_media_type(document: dict[str, Any]) -> dict[str, Any]:
    """Give every documented error the media type with which it leaves."""
    operations = (operation for path in document["paths"].values() for operation in path.values())
    for answer in (answer for operation in operations for answer in operation["responses"].values()):
        content = answer.get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        if schema.get("$ref", "").endswith("/Problem"):
            content[MEDIA_TYPE] = content.pop("application/json")
    return document


def install(app: FastAPI) -> None:
    """Answer every error of the app with a problem document."""
    app.add_exception_handler(ForesailError, _foresail)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def problem(
    path: str,
    status: int,
    code: str,
    detail: str,
    faults: Sequence[Fault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer for an error."""
    title = HTTPStatus(status).phrase
    body = Problem(title=title, status=status, detail=detail, instance=path, code=code, errors=list(faults or []) or None)
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
    faults = [Fault(where=where, detail=text) for where, text in getattr(error, "problems", ())]
    return problem(path, error.status, error.code, error.detail, faults[:_MOST_ERRORS], headers)


def _documented(error: type[ForesailError]) -> dict[str, Any]:
    return {"description": (error.__doc__ or "").splitlines()[0], "model": Problem}


async def _foresail(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ForesailError):
        raise error
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("%s", error.detail)
    return of_error(request.url.path, error)


async def _validation(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [Fault(where=_place(fault["loc"]), detail=_sentence(fault)) for fault in error.errors()]
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    detail = f"{faults[0].where}: {faults[0].detail}{more}"
    return problem(request.url.path, InvalidError.status, InvalidError.code, detail, faults[:_MOST_ERRORS])


def _place(parts: Sequence[int | str]) -> str:
    """The field's path, without the tags in <> by which a body's possible forms are told apart."""
    return ".".join(str(part) for part in parts if not str(part).startswith("<"))


def _sentence(fault: Mapping[str, Any]) -> str:
    message = str(fault["msg"]).removeprefix("Value error, ")
    given = fault.get("input")
    return f"{message}, not {given!r}" if isinstance(given, bool | int | float | str) and len(str(given)) < 40 else message


async def _http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    detail = str(error.detail)
    if status == HTTPStatus.BAD_REQUEST and "parsing the body" in detail:
        detail = "the body is not JSON in UTF-8"
    if status == HTTPStatus.NOT_FOUND:
        detail = f"there is nothing at {request.url.path}"
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{request.method} is not possible at {request.url.path}"
    code = status.phrase.lower().replace(" ", "_").replace("-", "_")
    return problem(request.url.path, status, code, detail, headers=error.headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    _log.error("unexpected error", exc_info=error)
    return problem(request.url.path, 500, "internal", "something went wrong here; the service's log tells what")

