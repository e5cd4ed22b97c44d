"""Bodies: too large, of a wrong kind, broken, or lying about their length."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPResponse

import httpx
import pytest

from tests.api.server import Api

PATH = "/queueing/queues"
MIB = 2**20
LARGE = [
    pytest.param(f"Content-Length: {MIB}", b"", id="as it says"),
    pytest.param("Transfer-Encoding: chunked", b"10001\r\n" + b" " * 65537, id="as it shows"),
]


def token(client: httpx.Client) -> str:
    return client.headers["authorization"]


def exchange(api: Api, head: str, body: bytes = b"", path: str = PATH, bearer: str = "") -> bytes:
    """What is answered to these bytes and no more: the connection stays open."""
    url = httpx.URL(api.server.url)
    with closing(socket.create_connection((url.host, url.port), timeout=30)) as connection:
        lines = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {bearer or token(api.admin)}\r\n"
        connection.sendall(f"{lines}Content-Type: application/json\r\n{head}\r\n\r\n".encode() + body)
        answer = HTTPResponse(connection)
        answer.begin()
        return f"HTTP/1.1 {answer.status} ".encode() + answer.read()


def queues(api: Api) -> list[object]:
    items: list[object] = api.admin.get(PATH).json()["items"]
    return items


def test_a_body_of_100_mib_is_refused_before_it_is_sent(api: Api) -> None:
    answer = exchange(api, f"Content-Length: {100 * MIB}", b"[")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"the body has more than 8 MiB" in answer


def test_who_sends_100_mib_all_the_same_is_told(api: Api) -> None:
    answer = api.admin.post(PATH, content=b"x" * 100 * MIB, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


def test_a_body_in_chunks_is_counted_as_it_comes(api: Api) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(9):
            yield b" " * MIB

    answer = api.admin.post(PATH, content=chunks(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("head", "body"), LARGE)
@pytest.mark.parametrize("path", [PATH, "/masterdata/jobs"])
def test_a_large_body_is_read_only_with_a_valid_token(api: Api, path: str, head: str, body: bytes) -> None:
    for bearer in ("Bearer fs_bogus", "Basic eDp5"):
        answer = exchange(api, head, body, path, bearer)
        assert answer.startswith(b"HTTP/1.1 401 ")
        assert b"token" in answer


@pytest.mark.parametrize(("head", "body"), LARGE)
def test_a_login_takes_no_large_body(api: Api, head: str, body: bytes) -> None:
    answer = exchange(api, head, body, "/auth/login")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"the body has more than 64 KiB" in answer


def test_a_dataset_may_be_larger_but_not_without_limit(api: Api) -> None:
    path, csv = "/masterdata/datasets/large", {"Content-Type": "text/csv"}
    assert api.employee.put(path, content=b"x" * 9 * MIB, headers=csv).status_code == 422
    assert api.employee.put(path, content=b"x" * (64 * MIB + 1), headers=csv).status_code == 413


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "+5"])
def test_a_length_that_is_none_is_refused(api: Api, length: str) -> None:
    assert exchange(api, f"Content-Length: {length}", b"{}").startswith(b"HTTP/1.1 400 ")


def test_both_a_length_and_chunks_are_refused(api: Api) -> None:
    answer = exchange(api, "Content-Length: 2\r\nTransfer-Encoding: chunked", b"{}")
    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        pytest.param(b'{"name": "\xff"}', "UTF-8", id="invalid UTF-8"),
        pytest.param(b'{"name": ', "not JSON", id="cut off"),
        pytest.param(b"name=x", "not JSON", id="a form"),
        pytest.param(b"[" * 100_000, "", id="deep"),
        pytest.param(b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "", id="deep objects"),
        pytest.param(b'{"max_attempts": ' + b"9" * 5000 + b"}", "", id="a number of 5,000 digits"),
        pytest.param(b'{"max_attempts": NaN}', "", id="not a number"),
        pytest.param(b'{"max_attempts": 1e999}', "", id="infinity"),
        pytest.param(b'{"name": "\\u0000"}', "", id="a zero character"),
        pytest.param(b"", "Field required", id="empty"),
    ],
)
def test_a_broken_body_is_told(api: Api, content: bytes, detail: str) -> None:
    answer = api.admin.post(PATH, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert detail in answer.json()["detail"]
    assert answer.json()["errors"][0]["where"].startswith("body")
    assert queues(api) == []


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "nonsense", ""])
def test_a_wrong_content_type_is_told_with_the_right_one(api: Api, kind: str) -> None:
    answer = api.admin.post(PATH, content=b'{"name": "x"}', headers={"Content-Type": kind} if kind else {})
    assert answer.status_code == 415
    assert "send application/json" in answer.json()["detail"]
    assert queues(api) == []


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/problem+json", "APPLICATION/JSON"])
def test_json_by_another_name_is_read(api: Api, kind: str) -> None:
    assert api.admin.post(PATH, content=b'{"name": "x"}', headers={"Content-Type": kind}).status_code == 201


def test_of_a_key_given_twice_the_last_counts(api: Api) -> None:
    content = b'{"name": "first", "name": "last"}'
    answer = api.admin.post(PATH, content=content, headers={"Content-Type": "application/json"})
    assert answer.json()["name"] == "last"


def test_a_request_id_is_taken_over_if_it_is_sane(api: Api) -> None:
    assert api.nobody.get("/livez", headers={"X-Request-ID": "my-id.1"}).headers["x-request-id"] == "my-id.1"
    for given in ("two words", "x" * 65, '"<script>'):
        made = api.nobody.get("/livez", headers={"X-Request-ID": given}).headers["x-request-id"]
        assert len(made) == 32
        assert made.isalnum()


def test_a_refused_secret_is_not_quoted(api: Api) -> None:
    body = {"name": "new", "role": "employee", "password": 123454321}
    answer = api.admin.post("/auth/users", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert "123454321" not in answer.text
