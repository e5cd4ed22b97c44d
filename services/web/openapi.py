"""The API's description, as it leaves: FastAPI's, with the media type of errors and what every body may be answered."""

from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute

from services.errors import UnsupportedMediaTypeError
from services.web.problems import MEDIA_TYPE, documented

_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def operation_id(route: APIRoute) -> str:
    """The endpoint's own name, so that generated clients read well."""
    return route.operation_id or route.name


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """Give errors the media type with which they leave, and operations with a body the answer to a wrong kind."""
    for operation in _operations(document):
        if "requestBody" in operation:
            head = documented(UnsupportedMediaTypeError)["description"]
            answer = {"description": head, "content": {"application/json": {"schema": _PROBLEM}}}
            operation["responses"].setdefault(str(int(UnsupportedMediaTypeError.status)), answer)
        for answer in operation["responses"].values():
            content = answer.get("content", {})
            if content.get("application/json", {}).get("schema") == _PROBLEM:
                content[MEDIA_TYPE] = content.pop("application/json")
        operation["responses"] = dict(sorted(operation["responses"].items()))
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (operation for path in document["paths"].values() for operation in path.values())
