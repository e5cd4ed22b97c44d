"""Jobs are submitted at once, into a queue or by thousands; waited for, cancelled, deleted, and their results shown."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.api.server import Api
from tests.cli.foresail import Foresail, ended

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine


@pytest.fixture
def queue(api: Api) -> str:
    return str(api.manager.post("/queueing/queues", json={"name": "daily"}).json()["index"])


def test_without_a_queue_a_job_is_calculated_at_once(employee: Foresail) -> None:
    answer = employee("jobs", "submit", "0,3-4", "--horizon", "5")
    assert "job 1 is done" in answer.err
    assert [line.split()[:3] for line in answer.lines[2:]] == [["1", str(n), f"asset-{n}"] for n in (0, 3, 4)]
    assert answer.lines[0].split()[-3:] == ["better", "than", "naive?"]
    [results] = employee.json("jobs", "results", "1")
    assert [len(one["mean"]) for one in results["forecasts"]] == [5, 5, 5]
    rows = list(csv.DictReader(io.StringIO(employee("jobs", "results", "1", "-o", "csv").out)))
    assert len(rows) == 15
    first = results["forecasts"][0]
    assert float(rows[0]["mean"]) == first["mean"][0]
    assert float(rows[0]["lower_95"]) == first["lower"]["95"][0]


def test_a_job_in_a_queue_is_listed_cancelled_and_deleted(employee: Foresail, queue: str) -> None:
    assert employee.json("jobs", "submit", "7", "--queue", queue, "--priority", "3") == {
        "queue": 1,
        "first": 1,
        "last": 1,
        "count": 1,
    }
    shown = employee.json("jobs", "show", "1")
    assert (shown["status"], shown["queue"], shown["position"], shown["priority"]) == ("queued", 1, 0, 3)
    employee("jobs", "cancel", "1")
    assert "job 1 cancelled" in employee("jobs", "wait", "1", code=5).err
    employee("jobs", "delete", "1", "--yes")
    assert employee.json("jobs", "list") == []


def test_waiting_ends_in_time(employee: Foresail, queue: str) -> None:
    answer = employee("jobs", "submit", "0", "-q", queue, "--wait", "--timeout", "0.1", code=124)
    assert "job 1 was not finished within 0.1 s" in answer.err


def test_waiting_can_be_interrupted_and_the_job_stays(employee: Foresail, queue: str) -> None:
    terminal = employee.terminal("jobs", "submit", "0", "-q", queue, "--wait")
    terminal.expect("queued, 0 before it")
    terminal.sendintr()
    terminal.expect("job 1 stays where it is")
    assert ended(terminal) == 130
    assert employee.json("jobs", "show", "1")["status"] == "queued"


def test_ten_thousand_jobs_of_a_file_go_in_one_request(employee: Foresail, queue: str, tmp_path: Path) -> None:
    file = tmp_path / "jobs.jsonl"
    file.write_text(
        "".join(json.dumps({"assets": [n % 100, "asset-7"][: 1 + (n % 100 != 7)]}) + "\n" for n in range(10_000))
    )
    terminal = employee.terminal("jobs", "submit", "--file", str(file), "--queue", queue)
    terminal.expect("sending")
    terminal.expect("100%")
    terminal.expect("10000 jobs wait in queue 1: 1 to 10000")
    assert ended(terminal) == 0
    assert employee.json("queues", "show", queue)["ready"] == 10_000
    assert [job["id"] for job in employee.json("jobs", "list", "-n", "2")] == [10_000, 9999]
    more = "there are more than these 2: --limit shows more, --all shows all\n"
    assert employee("jobs", "list", "-n", "2").err == more
    waiting = employee("jobs", "submit", "-f", str(file), "-q", queue, "--wait", "--timeout", "0.1", code=124)
    assert "one of the jobs 10001 to 20000 was not finished within 0.1 s" in waiting.err


def test_waiting_for_the_jobs_of_a_file_can_be_interrupted(employee: Foresail, queue: str, tmp_path: Path) -> None:
    file = tmp_path / "jobs.csv"
    file.write_text("assets\n0\n1\n")
    terminal = employee.terminal("jobs", "submit", "-f", str(file), "-q", queue, "--wait")
    terminal.expect("2 queued")
    terminal.sendintr()
    terminal.expect("jobs 1 to 2 stay where they are")
    assert ended(terminal) == 130


def test_how_many_jobs_a_file_may_hold_is_said_by_the_server(employee: Foresail, queue: str, tmp_path: Path) -> None:
    file = tmp_path / "jobs.csv"
    file.write_text("assets\n" + "0\n" * 10_001)
    refused = employee("jobs", "submit", "-f", str(file), "-q", queue, code=1)
    assert "10001 jobs are more than 10000, the most of one request" in refused.err
    assert employee.json("queues", "show", queue)["ready"] == 0


def test_a_file_that_the_server_refuses_leaves_nothing_behind(employee: Foresail, queue: str, tmp_path: Path) -> None:
    file = tmp_path / "jobs.csv"
    file.write_text('assets,horizon\n0,5\n"1,100",5\n')
    refused = employee("jobs", "submit", "-f", str(file), "-q", queue, code=1)
    assert f"{file} row 3 column 'assets': there is no asset 100" in refused.err
    assert employee.json("queues", "show", queue)["ready"] == 0
