"""The committed OpenAPI documents are those of the apps. After a change: `.venv/bin/python -m tests.api.documents`."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.documents import FOLDER, documents

DOCUMENTS = documents()


def _operations() -> Iterator[Any]:
    for path, text in DOCUMENTS.items():
        for route, methods in json.loads(text)["paths"].items():
            for method, operation in methods.items():
                yield pytest.param(operation, id=f"{path.stem} {method} {route}")


OPERATIONS = list(_operations())


def test_no_other_document_is_committed() -> None:
    assert set(FOLDER.iterdir()) == set(DOCUMENTS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_committed_document_is_the_app_s(path: Any) -> None:
    assert path.read_text("utf-8") == DOCUMENTS[path], "renew it: .venv/bin/python -m tests.api.documents"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_error_is_a_problem_document(operation: dict[str, Any]) -> None:
    errors = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
    assert {"413", "422", "503"} <= set(errors) or operation["operationId"] == "livez"
    assert all(list(answer["content"]) == ["application/problem+json"] for answer in errors.values())


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_asks_for_a_token_says_so(operation: dict[str, Any]) -> None:
    public = operation["operationId"] in ("login", "livez", "readyz")
    assert ("security" in operation) is not public
    assert ("401" in operation["responses"]) is not (public and operation["operationId"] != "login")


def test_names_of_operations_are_those_of_the_endpoints_and_differ() -> None:
    health = {"livez", "readyz"}
    names = [parameter.values[0]["operationId"] for parameter in OPERATIONS]
    own = [name for name in names if name not in health]
    assert len(own) == len(set(own))
    assert all(name.isidentifier() for name in own)
