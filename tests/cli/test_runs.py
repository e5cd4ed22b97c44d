"""Runs are started, watched, interrupted and looked at; the exit code tells how they ended."""

import pytest

from tests.api.server import Api
from tests.cli.foresail import Foresail, ended

pytestmark = pytest.mark.timeout(240)  # starts MPI programs, perhaps on a busy machine
JOBS = [{"assets": [n % 100, (n + 1) % 100]} for n in range(300)]


@pytest.fixture
def queue(api: Api) -> str:
    api.manager.post("/queueing/queues", json={"name": "daily"})
    assert api.manager.post("/queueing/queues/1/jobs", json={"jobs": JOBS}).status_code == 201
    return "1"


def test_a_run_is_watched_on_a_terminal_until_it_is_over(manager: Foresail, queue: str) -> None:
    terminal = manager.terminal("runs", "start", "--queue", queue, "--processes", "2", "--wait")
    terminal.expect("run 1 drains queue 1 with 2 ranks")
    terminal.expect("100%", timeout=120)
    terminal.expect("run 1 done, 300 jobs done, 0 failed")
    assert ended(terminal) == 0
    assert manager.json("runs", "show", "1")["jobs_done"] == 300
    assert [run["state"] for run in manager.json("runs", "list")] == ["done"]
    assert len(manager("runs", "results", "1").lines) == 2 + 600
    assert len(manager("runs", "results", "1", "-o", "jsonl").lines) == 300
    assert "run 1 done" in manager("runs", "watch", "1").err
    assert "done already" in manager("runs", "stop", "1", code=1).err


def test_watching_can_be_interrupted_and_the_run_goes_on(manager: Foresail, queue: str) -> None:
    terminal = manager.terminal("runs", "start", "-q", queue, "--wait")
    terminal.expect("waiting for its ranks", timeout=60)
    terminal.sendintr()
    terminal.expect("run 1 goes on without being watched")
    assert ended(terminal) == 130
    assert "run 1 done" in manager("runs", "watch", "1").err


def test_a_stopped_run_is_told_by_the_exit_code(manager: Foresail, queue: str) -> None:
    manager("runs", "start", "-q", queue)
    refused = manager("runs", "start", "-q", queue, code=1)
    assert "run 1" in refused.err
    manager("runs", "stop", "1")
    assert "run 1 stopped" in manager("runs", "watch", "1", code=5).err
    assert manager.json("queues", "show", queue)["leased"] == 0


def test_jobs_that_are_waited_for_are_done_by_a_run(manager: Foresail, employee: Foresail, queue: str) -> None:
    waiting = employee.terminal("jobs", "submit", "5", "-q", queue, "--wait")
    waiting.expect("queued, 300 before it")
    manager("runs", "start", "-q", queue)
    waiting.expect("asset-5", timeout=120)
    assert ended(waiting) == 0
