"""Logs: lines of JSON or text, with request ids, and never a password or a token."""

import json
import logging
import sys
from collections.abc import Iterator

import httpx
import pexpect
import pytest

from services.web.logs import JsonFormatter, TextFormatter
from tests.api.server import Server, served
from tests.store.process import short_folder
from tests.waiting import wait_until

WRONG = "wrong-PASSWORD-1"
RIGHT = "right-PASSWORD-2"


@pytest.fixture(scope="module")
def logged() -> Iterator[tuple[Server, list[str]]]:
    """A server that has seen all kinds of secrets in all kinds of places, and these secrets."""
    settings = {"FORESAIL_AUTH_FIRST_PASSWORD": RIGHT, "FORESAIL_LOG_LEVEL": "debug", "FORESAIL_LOG_FORMAT": "json"}
    with short_folder() as folder, served(folder, settings) as server, httpx.Client(base_url=server.url) as client:
        token = _go_astray(client)
        wait_until(lambda: "/last-of-all" in server.text(), "everything is logged")
        yield server, [WRONG, RIGHT, token, token[3:], "fs_made-up-token"]


def _go_astray(client: httpx.Client) -> str:
    token: str = client.post("/auth/login", json={"user": "admin", "password": RIGHT}).json()["token"]
    header = {"Authorization": f"Bearer {token}"}
    client.post("/auth/login", json={"user": "admin", "password": WRONG})
    client.post("/auth/login", json={"user": "admin", "password": [WRONG]})
    client.post("/auth/login", content=f'{{"password": "{WRONG}', headers={"Content-Type": "application/json"})
    client.post("/auth/login", params={"password": WRONG})
    client.get("/auth", headers={"Authorization": "Bearer fs_made-up-token"})
    client.get("/auth", params={"token": token}, headers={"X-Request-ID": f"id {token}"})
    client.get(f"/auth/tokens/{token}")
    client.delete(f"/auth/tokens/{token}", headers=header)
    client.put("/auth/users/admin", headers=header, json={"password": "x", "current_password": WRONG})
    client.post("/auth/users", headers=header, json={"name": "n", "role": "boss", "password": WRONG})
    client.get("/auth", headers=header | {"X-Request-ID": "my-own-id"})
    client.get("/last-of-all")
    return token


def test_no_secret_is_in_the_log(logged: tuple[Server, list[str]]) -> None:
    server, secrets = logged
    text = server.text()
    assert [secret for secret in secrets if secret in text] == []
    assert "fs_..." in text


def test_every_line_but_the_greeting_is_json(logged: tuple[Server, list[str]]) -> None:
    lines = [line for line in logged[0].text().splitlines() if not line.startswith("Foresail listens on")]
    for line in lines:
        assert {"time", "level", "logger", "message"} <= set(json.loads(line))


def test_a_request_is_one_line_with_its_id(logged: tuple[Server, list[str]]) -> None:
    lines = [json.loads(line) for line in logged[0].text().splitlines() if "my-own-id" in line]
    assert len(lines) == 1
    assert (lines[0]["method"], lines[0]["path"], lines[0]["status"]) == ("GET", "/auth", 200)
    assert lines[0]["request_id"] == "my-own-id"


def test_a_path_of_control_characters_stays_on_its_line(logged: tuple[Server, list[str]]) -> None:
    server = logged[0]
    httpx.get(f"{server.url}/a%0A%1B[31mforged")
    wait_until(lambda: "forged" in server.text(), "it is logged")
    (line,) = [line for line in server.text().splitlines() if "forged" in line]
    assert json.loads(line)["path"] == "/a%0A%1B[31mforged"


def test_on_a_terminal_people_read_text() -> None:
    child = pexpect.spawn("env", ["FORESAIL_LOG_LEVEL=info", *_configured()], timeout=60, encoding="utf-8")
    child.expect(r"\d\d:\d\d:\d\d WARNING +take care")
    child.expect(pexpect.EOF)
    child.close()


def _configured() -> list[str]:
    code = (
        "import logging; from services.web import logs; from services.config import LogSettings;"
        "logs.configure(LogSettings()); logging.getLogger('x').warning('take care')"
    )
    return [sys.executable, "-c", code]


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_a_token_in_any_message_or_traceback_is_left_out(formatter: logging.Formatter) -> None:
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "bad %s", ("fs_abcdefghijklmnop",), None)
    try:
        raise ValueError("fs_qrstuvwxyz0123")
    except ValueError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    line = formatter.format(record)
    assert "fs_abc" not in line
    assert "fs_qrs" not in line
    assert "ValueError" in line
