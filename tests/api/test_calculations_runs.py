"""Runs by HTTP: started as real MPI programs, watched, stopped, and their results fetched."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.store.embedded import EmbeddedStore
from tests.api.server import Api, Server, served
from tests.mpi.work import assert_each_done_once
from tests.processes import processes
from tests.store.soundness import connected
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(180)
RUNS = "/calculations/runs"
SETTINGS = {"FORESAIL_RUN_BATCH": "5", "FORESAIL_QUEUE_LEASE_SECONDS": "3600"}
"""Small batches, so that a run can be met half-way; a lease so long that only what is given back comes back."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, store_server: EmbeddedStore) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("server"), {"FORESAIL_STORE_URL": store_server.url, **SETTINGS}) as server:
        yield server


@pytest.fixture
def api(server: Server, store_server: EmbeddedStore) -> Iterator[Api]:
    people = Api(server, store_server.url)
    yield people
    people.close()


def filled(client: httpx.Client, count: int, *, costly: bool = False) -> tuple[int, range]:
    """A queue with jobs, and their ids."""
    queue = client.post("/queueing/queues", json={}).json()["index"]
    some = [{"assets": [n % 100, (n + 1) % 100], "horizon": 1 + n % 9} for n in range(count)]
    many = [{"assets": list(range(100)), "horizon": 1 + n % 140, "model": "theta"} for n in range(count)]
    answer = client.post(f"/queueing/queues/{queue}/jobs", json={"jobs": many if costly else some})
    assert answer.status_code == 201, answer.text
    return queue, range(answer.json()["first"], answer.json()["last"] + 1)


def started(client: httpx.Client, queue: int) -> int:
    answer = client.post(RUNS, json={"queue": queue})
    assert answer.status_code == 202, answer.text
    assert answer.json()["state"] == "pending"
    return int(answer.json()["id"])


def see(client: httpx.Client, run: int) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{RUNS}/{run}").json()
    return found


def half_way(client: httpx.Client, run: int) -> None:
    wait_until(lambda: see(client, run)["jobs_done"] > 0, "the first jobs are done")


def over(client: httpx.Client, run: int) -> dict[str, Any]:
    wait_until(lambda: see(client, run)["state"] not in ("pending", "running"), "the run is over", 90)
    return see(client, run)


def mpiexec_of(api: Api, run: int) -> int:
    """The process of the run's mpiexec: on another store, another test may have a run of that number."""
    here = [found for found in processes() if found.environment.get("FORESAIL_STORE_URL") == api.store_url]
    (found,) = (one for one in here if one.words[0].endswith("/mpiexec") and f"--run {run} " in " ".join(one.words))
    return found.pid


def check_done(url: str, queue: int, ids: range, run_ids: list[int]) -> None:
    async def check() -> None:
        async with connected(url) as store:
            await assert_each_done_once(store, queue, ids, run_ids)

    asyncio.run(check())


def test_a_run_is_watched_to_its_end_and_its_results_come_in_order(api: Api) -> None:
    queue, ids = filled(api.manager, 60)
    run = started(api.manager, queue)
    with api.employee.stream("GET", f"{RUNS}/{run}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = list(stream.iter_lines())
    events = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    shown = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]
    assert events == ["progress"] * (len(events) - 1) + ["end"]
    assert shown[-1] == see(api.manager, run)
    assert (shown[-1]["state"], shown[-1]["jobs_done"], shown[-1]["owner"]) == ("done", 60, "mia")
    assert [view["jobs_done"] for view in shown] == sorted(view["jobs_done"] for view in shown)
    got: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = api.manager.get(f"{RUNS}/{run}/results", params={"limit": 25, "cursor": cursor}).json()
        got += page["items"]
        cursor = page["next"]
    assert [result["job"] for result in got] == list(ids)
    assert got[7] == api.manager.get(f"/masterdata/jobs/{ids[7]}/results").json()
    check_done(api.store_url, queue, ids, [run])


def test_one_run_drains_a_queue_at_a_time_and_can_be_stopped(api: Api) -> None:
    queue, ids = filled(api.manager, 2000, costly=True)
    run = started(api.manager, queue)
    half_way(api.manager, run)
    assert api.manager.post(RUNS, json={"queue": queue}).status_code == 409
    assert api.manager.get(f"{RUNS}/{run}/results").status_code == 409
    answer = api.manager.delete(f"{RUNS}/{run}")
    assert (answer.status_code, answer.json()["stop_requested"]) == (202, True)
    assert over(api.manager, run)["state"] == "stopped"
    left = api.manager.get(f"/queueing/queues/{queue}").json()
    assert (left["leased"], left["ready"] + left["completed"], left["run"]) == (0, len(ids), None)
    assert left["ready"] > 0
    assert api.manager.delete(f"{RUNS}/{run}").status_code == 409


def test_a_killed_program_fails_its_run_at_once(api: Api) -> None:
    queue, _ = filled(api.manager, 2000, costly=True)
    run = started(api.manager, queue)
    half_way(api.manager, run)
    os.kill(mpiexec_of(api, run), signal.SIGKILL)
    failed = over(api.manager, run)
    assert failed["state"] == "failed"
    assert "its program ended with -9" in failed["reason"]
    again = started(api.manager, queue)
    half_way(api.manager, again)
    api.manager.delete(f"{RUNS}/{again}")
    assert over(api.manager, again)["state"] == "stopped"


def test_a_service_that_ends_gives_the_leases_back(tmp_path: Path, store_server: EmbeddedStore) -> None:
    with served(tmp_path, {"FORESAIL_STORE_URL": store_server.url, **SETTINGS}) as server:
        api = Api(server, store_server.url)
        queue, ids = filled(api.manager, 2000, costly=True)
        run = started(api.manager, queue)
        half_way(api.manager, run)
        api.close()
    with served(tmp_path, {"FORESAIL_STORE_URL": store_server.url, **SETTINGS}) as server:
        api = Api(server, store_server.url)
        ended = see(api.employee, run)
        left = api.employee.get(f"/queueing/queues/{queue}").json()
        api.close()
    assert (ended["state"], ended["reason"]) == ("stopped", "stopped by a signal")
    assert (left["leased"], left["ready"] + left["completed"]) == (0, len(ids))


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"queue": 77}, 404, "there is no queue 77"),
        ({"queue": 0}, 422, "body.queue"),
        ({"queue": "one"}, 422, "body.queue"),
        ({"queue": True}, 422, "body.queue"),
        ({}, 422, "body.queue"),
        ({"queue": 1, "processes": 0}, 422, "body.processes"),
        ({"queue": 1, "processes": 2.0}, 422, "body.processes"),
        ({"queue": 1, "processes": 17}, 422, "17 ranks are more than 16"),
        ({"queue": 1, "speed": 9}, 422, "body.speed"),
    ],
)
def test_wrong_runs_are_refused(api: Api, body: dict[str, Any], status: int, says: str) -> None:
    answer = api.manager.post(RUNS, json=body)
    assert (answer.status_code, says in answer.json()["detail"]) == (status, True), answer.text
    assert api.manager.get(RUNS).json() == {"items": [], "next": None}


@pytest.mark.parametrize("path", ["", "/events", "/results"])
def test_an_unknown_run_is_not_found(api: Api, path: str) -> None:
    assert api.manager.get(f"{RUNS}/7{path}").status_code == 404


def test_who_may_do_what(api: Api) -> None:
    queue, _ = filled(api.manager, 1)
    assert api.nobody.get(RUNS).status_code == 401
    assert api.employee.post(RUNS, json={"queue": queue}).status_code == 403
    run = started(api.manager, queue)
    assert api.employee.delete(f"{RUNS}/{run}").status_code == 403
    assert api.employee.get(f"{RUNS}/{run}/results").status_code == 403
    over(api.manager, run)
    assert [item["id"] for item in api.employee.get(RUNS).json()["items"]] == [run]
