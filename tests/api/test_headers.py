"""No answer is kept on the way, nor taken for anything but what it says it is; nor does it say what serves it."""

import pytest

from tests.api.server import Api


@pytest.mark.parametrize(
    "path", ["/livez", "/auth/users", "/masterdata/jobs/1", "/nowhere", "/calculations/runs?limit=0"]
)
def test_every_answer_has_them(api: Api, path: str) -> None:
    answer = api.admin.get(path)
    assert answer.headers.get_list("cache-control") == ["no-store"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] in ("application/json", "application/problem+json")
    assert "server" not in answer.headers
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PATCH"])
def test_other_methods_are_not_possible(api: Api, method: str) -> None:
    assert api.admin.request(method, "/auth/users").status_code == 405
