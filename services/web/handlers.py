"""Which problem answers an exception of the app."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services.errors import ForesailError, InvalidError, TooLargeError, UnsupportedMediaTypeError
from services.web.bodies import BodyTooLarge
from services.web.methods import allowed
from services.web.problems import of_error, problem

_LONGEST_NAME = 100
_log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Answer every error of the app with a problem document."""
    app.add_exception_handler(ForesailError, _foresail)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)


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
