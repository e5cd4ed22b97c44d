"""Wrong input: each kind has its clear answer, and nothing is changed by it."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.api.server import Api
from tests.store.soundness import connected

JOB: dict[str, Any] = {"assets": [0]}
RANGE = "market has 100 series, 0 to 99"
JOBS = [
    pytest.param({"assets": [-1]}, "body.assets.0", f"there is no asset -1: {RANGE}", id="asset -1"),
    pytest.param({"assets": [100]}, "body.assets.0", f"there is no asset 100: {RANGE}", id="asset 100"),
    pytest.param({"assets": ["abc"]}, "body.assets.0", f"there is no asset 'abc': {RANGE}", id="asset abc"),
    pytest.param({"assets": [0.5]}, "body.assets.0", "an asset is the index (0, 1, ...) or the name", id="asset 0.5"),
    pytest.param({"assets": [True]}, "body.assets.0", "an asset is the index", id="asset true"),
    pytest.param({"assets": [10**30]}, "body.assets.0", "there is no asset", id="a huge asset"),
    pytest.param({"assets": []}, "body.assets", "at least 1", id="no assets"),
    pytest.param({"assets": [3, 4, 3]}, "body.assets", "asset 3 is named twice", id="the same asset twice"),
    pytest.param({"assets": [3, "asset-3"]}, "body.assets", "asset 3 is named twice", id="once by its name"),
    pytest.param({"assets": [0] * 10_000}, "body.assets", "10000 assets are more than 1000", id="10,000 assets"),
    pytest.param({"assets": "0,1"}, "body.assets", "list", id="assets as text"),
    pytest.param({}, "body.assets", "Field required", id="assets missing"),
    pytest.param(JOB | {"dataset": "none"}, "body.dataset", "there is no dataset 'none'", id="an unknown dataset"),
    pytest.param(JOB | {"model": "crystal"}, "body.model", "there are ols, naive, drift, theta", id="an unknown model"),
    pytest.param(JOB | {"horizon": 0}, "body.horizon", "greater than or equal to 1", id="horizon 0"),
    pytest.param(JOB | {"horizon": 10**9}, "body.horizon", "more than 150", id="horizon 10^9"),
    pytest.param(JOB | {"horizon": 1.5}, "body.horizon", "integer", id="horizon 1.5"),
    pytest.param(JOB | {"horizon": True}, "body.horizon", "integer", id="horizon true"),
    pytest.param(JOB | {"priority": "5"}, "body.priority", "integer", id="priority in text"),
    pytest.param(JOB | {"priority": 10}, "body.priority", "less than or equal to 9", id="priority 10"),
    pytest.param(JOB | {"color": "red"}, "body.color", "no such field", id="an unknown field"),
    pytest.param([1, 2], "body", "", id="a list"),
    pytest.param(None, "body", "", id="null"),
]


def faults(answer: httpx.Response) -> dict[str, str]:
    """What is wrong where; every answer here is a problem document."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["title"]
    assert problem["detail"]
    return {fault["where"]: fault["detail"] for fault in problem.get("errors", ())}


@pytest.fixture
def queue(api: Api) -> int:
    index: int = api.admin.post("/queueing/queues", json={}).json()["index"]
    return index


def unchanged(api: Api, queue: int) -> None:
    assert api.admin.get("/masterdata/jobs").json()["items"] == []
    assert api.admin.get(f"/queueing/queues/{queue}").json()["enqueued"] == 0
    assert asyncio.run(_job_sequence(api.store_url)) is None


async def _job_sequence(url: str) -> object:
    async with connected(url) as store:
        return await store.command("GET", "foresail:job-sequence")


@pytest.mark.parametrize(("body", "where", "detail"), JOBS)
@pytest.mark.parametrize("path", ["/masterdata/jobs", "/queueing/queues/{queue}/jobs"])
def test_a_wrong_job(api: Api, queue: int, path: str, body: Any, where: str, detail: str) -> None:
    answer = api.employee.post(path.format(queue=queue), json=body)
    assert answer.status_code == 422
    assert detail in faults(answer)[where]
    unchanged(api, queue)


def test_one_wrong_job_of_many_is_named_and_none_is_taken(api: Api, queue: int) -> None:
    wrong = [JOB, {"assets": [100]}, JOB, JOB | {"horizon": 10**9}]
    answer = api.employee.post(f"/queueing/queues/{queue}/jobs", json={"jobs": wrong})
    assert answer.status_code == 422
    assert list(faults(answer)) == ["body.jobs.1.assets.0", "body.jobs.3.horizon"]
    unchanged(api, queue)


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        pytest.param("/auth/login", {f"f{number}": 1 for number in range(1000)}, "body", id="fields"),
        pytest.param(
            "/queueing/queues/1/jobs", {"jobs": [{f"f{n}": 1 for n in range(99)}]}, "body.jobs.0", id="a job's"
        ),
        pytest.param("/masterdata/jobs", {"assets": [[]] * 1000}, "body.assets.0", id="assets"),
        pytest.param("/queueing/queues/1/jobs", {"jobs": [{}] * 1000}, "body.jobs.0.assets", id="jobs"),
        pytest.param("/queueing/queues/1/jobs", {"ids": [0] * 1000}, "body.ids.0", id="ids"),
    ],
)
def test_what_is_wrong_a_thousand_times_is_told_once(api: Api, path: str, body: Any, where: str) -> None:
    """A fault is an object of its own: those of a MiB took a GiB of memory and half a minute."""
    answer = api.employee.post(path, json=body)
    assert answer.status_code == 422
    assert list(faults(answer)) == [where]
    assert "more)" not in answer.json()["detail"]


def test_several_wrong_fields_of_one_job_are_all_told(api: Api) -> None:
    answer = api.employee.post("/masterdata/jobs", json=JOB | {"horizon": 0, "priority": 10, "color": "red"})
    assert list(faults(answer)) == ["body.horizon", "body.priority", "body.color"]


@pytest.mark.parametrize("body", [JOB | {"x" * 10_000: 1}, {"assets": ["x" * 10_000]}], ids=["a field", "an asset"])
def test_a_long_name_is_told_by_its_beginning(api: Api, body: Any) -> None:
    answer = api.employee.post("/masterdata/jobs", json=body)
    assert answer.status_code == 422
    assert "x" * 90 in answer.text
    assert "x" * 101 not in answer.text


def test_more_jobs_than_a_request_may_have(api: Api, queue: int) -> None:
    answer = api.employee.post(f"/queueing/queues/{queue}/jobs", json={"jobs": [JOB] * 10_001})
    assert answer.status_code == 413
    assert "10001 jobs are more than 10000" in answer.json()["detail"]
    unchanged(api, queue)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/queueing/queues/99/jobs", JOB),
        ("POST", "/queueing/queues/99/jobs", {"jobs": [JOB]}),
        ("POST", "/queueing/queues/99/jobs", {"ids": [1]}),
        ("GET", "/queueing/queues/99", None),
        ("DELETE", "/queueing/queues/99", None),
        ("POST", "/queueing/queues/99/pull", None),
        ("POST", "/queueing/queues/99/pause", None),
        ("POST", "/queueing/queues/99/purge", None),
        ("POST", "/queueing/queues/99/redrive", None),
        ("GET", "/queueing/queues/99/jobs", None),
        ("GET", "/queueing/queues/99/dead-letters", None),
        ("POST", "/calculations/runs", {"queue": 99}),
        ("GET", "/masterdata/jobs/99", None),
        ("PUT", "/masterdata/jobs/99", {"status": "cancelled"}),
        ("DELETE", "/masterdata/jobs/99", None),
        ("GET", "/masterdata/jobs/99/results", None),
        ("GET", "/masterdata/datasets/none", None),
        ("DELETE", "/masterdata/datasets/none", None),
        ("GET", "/calculations/runs/99", None),
        ("DELETE", "/calculations/runs/99", None),
        ("GET", "/calculations/runs/99/events", None),
        ("GET", "/calculations/runs/99/results", None),
        ("GET", "/auth/users/none", None),
        ("PUT", "/auth/users/none", {"disabled": True}),
        ("DELETE", "/auth/users/none", None),
        ("DELETE", "/auth/tokens/0123456789ab", None),
        ("GET", "/nowhere", None),
        ("GET", "/queueing/queues/", None),
    ],
)
def test_what_is_not_there(api: Api, method: str, path: str, body: Any) -> None:
    answer = api.admin.request(method, path, json=body)
    assert answer.status_code == 404
    assert faults(answer) == {}
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "body", "where"),
    [
        ("POST", "/auth/users", {"name": "new", "role": "boss", "password": "a password"}, "body.role"),
        ("POST", "/auth/users", {"name": "New User", "role": "employee", "password": "a password"}, "body.name"),
        ("POST", "/auth/users", {"name": "new", "role": "employee", "password": "abc"}, "body.password"),
        ("POST", "/auth/users", {"name": "new", "role": "employee", "password": ""}, "body.password"),
        ("POST", "/auth/users", {"name": "new", "role": "employee", "password": "x" * 257}, "body.password"),
        ("PUT", "/auth/users/admin", {}, "body"),
        ("POST", "/queueing/queues", {"max_attempts": 0}, "body.max_attempts"),
        ("POST", "/queueing/queues", {"max_attempts": "3"}, "body.max_attempts"),
        ("POST", "/queueing/queues", {"name": "a\nb"}, "body.name"),
        ("POST", "/queueing/queues/1/jobs", {"ids": [True]}, "body.ids.0"),
        ("POST", "/masterdata/jobs", {"assets": [0], "model": ""}, "body.model"),
        ("PUT", "/auth/users/admin", {"disabled": 0}, "body.disabled"),
        ("PUT", "/masterdata/jobs/1", {"status": "asleep"}, "body.status"),
        ("PUT", "/masterdata/jobs/1", {"status": "queued"}, "body.status"),
        ("PUT", "/masterdata/jobs/1", {"status": "cancelled", "reason": "\x9b2J"}, "body.reason"),
        ("GET", "/masterdata/jobs/abc", None, "path.job_id"),
        ("GET", "/masterdata/jobs/0", None, "path.job_id"),
        ("GET", f"/masterdata/jobs/{2**64}", None, "path.job_id"),
        ("GET", "/masterdata/jobs?limit=0", None, "query.limit"),
        ("GET", "/masterdata/jobs?limit=1001", None, "query.limit"),
        ("GET", "/masterdata/jobs?cursor=abc", None, "query.cursor"),
        ("GET", "/queueing/queues/1/jobs?cursor=12", None, "query.cursor"),
    ],
)
def test_wrong_values_are_named(api: Api, method: str, path: str, body: Any, where: str) -> None:
    answer = api.admin.request(method, path, json=body)
    assert answer.status_code == 422
    assert list(faults(answer)) == [where]


def test_a_wrong_method_says_so(api: Api) -> None:
    answer = api.admin.patch("/queueing/queues")
    assert answer.status_code == 405
    assert faults(answer) == {}
    assert answer.headers["allow"] == "GET, POST"


def test_a_foreign_job_is_answered_like_a_missing_one(api: Api) -> None:
    job = api.colleague.post("/masterdata/jobs", json=JOB).json()["job"]["id"]
    for method, path, body in (
        ("GET", "/masterdata/jobs/{}", None),
        ("GET", "/masterdata/jobs/{}/results", None),
        ("PUT", "/masterdata/jobs/{}", {"status": "cancelled"}),
        ("DELETE", "/masterdata/jobs/{}", None),
    ):
        foreign = api.employee.request(method, path.format(job), json=body)
        missing = api.employee.request(method, path.format(job + 1), json=body)
        assert foreign.status_code == missing.status_code == 404
        assert foreign.text == missing.text.replace(str(job + 1), str(job))
    assert api.colleague.get(f"/masterdata/jobs/{job}").json()["status"] == "done"


def test_a_finished_job_cannot_be_changed(api: Api) -> None:
    job = api.employee.post("/masterdata/jobs", json=JOB).json()["job"]["id"]
    answer = api.employee.put(f"/masterdata/jobs/{job}", json={"status": "cancelled"})
    assert answer.status_code == 409
    assert "is done and cannot become cancelled" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/masterdata/jobs?owner=", "/auth/audit?subject=", "/auth/tokens?user="])
def test_no_name_is_not_everybodys(api: Api, path: str) -> None:
    answer = api.admin.get(path)
    assert answer.status_code == 422
    assert "at least 1 character" in answer.json()["detail"]
