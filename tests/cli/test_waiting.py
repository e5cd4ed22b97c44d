"""A time that is given for waiting is kept, whatever the server does."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest

from cli.output import Record
from tests.api.server import Api
from tests.cli.foresail import Foresail
from tests.cli.others import answering, status

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine


def test_a_server_that_hangs_is_not_waited_for_any_longer(stranger: Foresail) -> None:
    over = threading.Event()
    with answering(lambda _request: over.wait()) as other:
        stranger.url, stranger.token = other.url, "fs_x"
        try:
            answer = stranger("jobs", "wait", "1", "--timeout", "2", code=124)
        finally:
            over.set()
    assert answer.err == "foresail: job 1 was not finished within 2 s\n"


def test_the_time_is_for_all_jobs_together(stranger: Foresail) -> None:
    began: list[float] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        began.append(time.monotonic())
        job = int(request.path.rpartition("/")[2])
        done = time.monotonic() > began[0] + 3 * job
        state: Record = {
            "id": job,
            "status": "done" if done else "queued",
            "position": 0,
            "assets": [],
            "updated": None,
        }
        status(200, json.dumps(state).encode())(request)

    with answering(answer) as other:
        stranger.url, stranger.token = other.url, "fs_x"
        waited = stranger("jobs", "wait", "1", "2", "3", "--timeout", "5", code=124)
    assert "job 2 was not finished within 5 s" in waited.err


def test_a_job_that_does_not_exist_is_told_before_the_others_are_waited_for(employee: Foresail, api: Api) -> None:
    api.manager.post("/queueing/queues", json={})
    assert api.employee.post("/queueing/queues/1/jobs", json={"assets": [0]}).is_success
    assert "there is no job 999" in employee("jobs", "wait", "1", "999", "--timeout", "40", code=1).err


def test_no_time_is_enough_to_look_once(employee: Foresail, api: Api) -> None:
    assert api.employee.post("/masterdata/jobs", json={"assets": [0]}).is_success
    employee("jobs", "wait", "1", "--timeout", "0")
