"""The doctor says what is well and what is not."""

import json
from http.server import BaseHTTPRequestHandler

import pytest

from cli import doctor
from cli.paths import DIAGNOSIS
from tests.api.server import Api
from tests.cli.foresail import Foresail
from tests.cli.others import answering, status
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine


def states(person: Foresail, code: int = 0) -> dict[str, str]:
    lines = person("doctor", "-o", "csv", code=code).lines[1:]
    return {check: state for check, state, *_ in (line.split(",", 2) for line in lines)}


def test_an_admin_sees_that_every_part_is_well(admin: Foresail, api: Api) -> None:
    wait_until(lambda: api.admin.get("/queueing/diagnosis").json()["export"]["last"], "something is exported", 60)
    parts = ("server", "session", *doctor.SERVICES, "store", "jobs", "export", "runner")
    assert states(admin) == dict.fromkeys(parts, "good")


def test_others_see_what_they_may(employee: Foresail) -> None:
    found = states(employee)
    assert found["diagnosis"] == "skipped"
    assert {found[service] for service in ("server", "session", *doctor.SERVICES)} == {"good"}


def test_without_a_session_it_says_so(stranger: Foresail) -> None:
    assert states(stranger, code=3) == {"server": "good", "session": "bad"}


def test_without_a_server_it_says_so(stranger: Foresail) -> None:
    stranger.url = "http://127.0.0.1:9"
    assert states(stranger, code=4) == {"server": "bad"}


def test_a_diagnosis_that_is_away_is_told_by_the_exit_code(stranger: Foresail) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        body = json.dumps({"user": "admin", "role": "admin"}).encode()
        status(503 if request.path == DIAGNOSIS else 200, body)(request)

    with answering(answer) as other:
        stranger.url, stranger.token = other.url, "fs_x"
        found = states(stranger, code=4)
    assert [check for check, state in found.items() if state == "bad"] == ["diagnosis"]
