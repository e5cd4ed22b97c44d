"""Runs are started, watched, interrupted and looked at; the exit code tells how they ended."""

import asyncio
import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from cli.client import Client
from cli.watching import pace, states
from tests.api.server import Api
from tests.cli.foresail import Foresail, ended
from tests.cli.others import answering, status
from tests.store.samples import take
from tests.store.soundness import connected

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


def test_a_stopped_run_is_told_by_the_exit_code(manager: Foresail, api: Api, queue: str) -> None:
    asyncio.run(_hold_a_job(api.store_url, int(queue)))
    manager("runs", "start", "-q", queue)
    assert "run 1" in manager("runs", "start", "-q", queue, code=1).err
    manager("runs", "stop", "1")
    assert "run 1 stopped" in manager("runs", "watch", "1", code=5).err
    assert manager.json("runs", "show", "1")["stop_requested"] is True


@pytest.mark.parametrize(("rate", "text"), [(0, "0"), (0.0432, "0.043"), (9.96, "10"), (1234.5, "1234")])
def test_a_slow_run_has_a_pace_too(rate: float, text: str) -> None:
    assert pace(rate) == text


async def _hold_a_job(url: str, queue: int) -> None:
    """Claim a job and keep it: a run does not end before that lease does, unless it is stopped."""
    async with connected(url) as store:
        await take(store, queue, most=1, lease=600)


def test_jobs_that_are_waited_for_are_done_by_a_run(manager: Foresail, employee: Foresail, queue: str) -> None:
    waiting = employee.terminal("jobs", "submit", "5", "-q", queue, "--wait")
    waiting.expect("queued, 300 before it")
    manager("runs", "start", "-q", queue)
    waiting.expect("asset-5", timeout=120)
    assert ended(waiting) == 0


def test_a_file_of_jobs_is_waited_for(manager: Foresail, api: Api, queue: str, tmp_path: Path) -> None:
    file = tmp_path / "jobs.csv"
    file.write_text("assets,horizon\n" + '"0,1",5\n' * 50)
    waiting = manager.terminal("jobs", "submit", "-f", str(file), "-q", queue, "--wait")
    waiting.expect("50 jobs wait in queue 1: 301 to 350")
    api.manager.post("/calculations/runs", json={"queue": 1})
    waiting.expect("all jobs are done: 50 done", timeout=120)
    assert ended(waiting) == 0


def test_a_run_without_jobs_has_no_results(manager: Foresail, api: Api) -> None:
    api.manager.post("/queueing/queues", json={})
    manager("runs", "start", "-q", "1", "--wait")
    for form, first in (("csv", "job,asset,name,step,mean,lower_80,upper_80"), ("json", "[]")):
        assert manager("runs", "results", "1", "-o", form).out.startswith(first)


def test_a_run_is_followed_where_events_do_not_come_through() -> None:
    def cut_off(request: BaseHTTPRequestHandler) -> None:
        """Of events the first, as by some proxies; single answers pass."""
        events = request.path.endswith("/events")
        state = json.dumps({"id": 1, "state": "running" if events else "done"}).encode()
        body = b"event: progress\ndata: " + state + b"\n\n" if events else state
        status(200, body, **{"Content-Length": str(len(body) + 100 * events)})(request)

    with answering(cut_off) as proxy, Client(proxy.url) as client:
        assert [state["state"] for state in states(client, 1)] == ["running", "done"]
