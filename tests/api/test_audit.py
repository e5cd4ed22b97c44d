"""The trail: who did what, when, from where and how it ended; in the log and for admins, and never a secret."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from services.local import SERVICES
from services.store.audit import Action
from services.store.embedded import EmbeddedStore
from services.web.audit import Audited
from tests.api.server import PASSWORD, Api, Server
from tests.api.service import FIRST, alone, production
from tests.store.process import embedded, short_folder
from tests.waiting import wait_until

NEW = "quite another password"
CSV = "day,a\n" + "".join(f"2024-01-{day:02},{day}\n" for day in range(1, 21))


@pytest.fixture
def api(api: Api) -> Api:
    """The admin, who looks at the trail, has logged in before."""
    assert api.admin.get("/auth").status_code == 200
    return api


def trail(api: Api, **query: str | int) -> list[dict[str, Any]]:
    answer = api.admin.get("/auth/audit", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def newest(api: Api) -> tuple[str, ...]:
    entry = trail(api, limit=1)[0]
    return tuple(entry[name] for name in ("subject", "action", "target", "outcome", "detail"))


def test_logins_and_their_ends_are_on_record(api: Api) -> None:
    assert api.employee.get("/auth").status_code == 200
    assert newest(api) == ("emil", "login", "", "done", "")
    api.nobody.post("/auth/login", json={"user": "emil", "password": "wrong"})
    assert newest(api) == ("emil", "login", "", "denied", "")
    token = api.employee.get("/auth/tokens").json()["items"][0]["id"]
    api.admin.delete(f"/auth/tokens/{token}", params={"user": "emil"})
    assert newest(api) == ("admin", "token.end", token, "done", "of emil")
    api.manager.delete("/auth/login")
    assert newest(api) == ("mia", "logout", "", "done", "")


def test_an_entry_says_when_and_from_where(api: Api) -> None:
    answer = api.admin.delete("/queueing/queues/7", headers={"X-Request-ID": "mine"})
    assert answer.status_code == 404
    entry = trail(api, limit=1)[0]
    assert (entry["outcome"], entry["client"], entry["request_id"]) == ("refused", "127.0.0.1", "mine")
    assert abs((datetime.fromisoformat(entry["time"]) - datetime.now(UTC)).total_seconds()) < 600


def test_a_name_that_is_nobodys_is_not_on_record(api: Api) -> None:
    """People type passwords into the field of the name."""
    api.nobody.post("/auth/login", json={"user": "my secret", "password": "x"})
    assert newest(api) == ("", "login", "", "denied", "")
    assert "my secret" not in api.server.text()


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"password": NEW}, "password"),
        ({"role": "manager"}, "role manager"),
        ({"disabled": True}, "disabled"),
        ({"role": "manager", "disabled": False, "password": NEW}, "password, role manager, enabled"),
    ],
)
def test_changes_of_users_are_on_record_without_the_password(api: Api, change: dict[str, Any], detail: str) -> None:
    assert api.employee.get("/auth").status_code == 200
    api.admin.put("/auth/users/emil", json=change)
    assert newest(api) == ("admin", "user.change", "emil", "done", detail)
    assert NEW not in json.dumps(trail(api))
    assert NEW not in api.server.text()


def test_new_and_deleted_users_are_on_record(api: Api) -> None:
    new = {"name": "new", "role": "manager", "password": PASSWORD}
    api.admin.post("/auth/users", json=new)
    assert newest(api) == ("admin", "user.create", "new", "done", "manager")
    api.admin.post("/auth/users", json=new)
    assert newest(api) == ("admin", "user.create", "new", "refused", "manager")
    api.admin.delete("/auth/users/new")
    assert newest(api) == ("admin", "user.delete", "new", "done", "")


def test_deletions_and_datasets_are_on_record(api: Api) -> None:
    job = api.employee.post("/masterdata/jobs", json={"assets": [0]}).json()["job"]["id"]
    api.employee.delete(f"/masterdata/jobs/{job}")
    assert newest(api) == ("emil", "job.delete", str(job), "done", "")
    for _ in range(2):
        api.employee.put("/masterdata/datasets/mine", content=CSV, headers={"Content-Type": "text/csv"})
        assert newest(api) == ("emil", "dataset.put", "mine", "done", "")
    api.colleague.delete("/masterdata/datasets/mine")
    assert newest(api)[:3] == ("cora", "dataset.delete", "mine")
    assert newest(api)[3] != "done"
    api.employee.delete("/masterdata/datasets/mine")
    assert newest(api) == ("emil", "dataset.delete", "mine", "done", "")


def test_queues_and_runs_are_on_record(api: Api) -> None:
    index = api.manager.post("/queueing/queues", json={}).json()["index"]
    api.employee.post(f"/queueing/queues/{index}/jobs", json={"jobs": [{"assets": [0]}] * 3})
    api.manager.post(f"/queueing/queues/{index}/purge")
    assert newest(api) == ("mia", "queue.purge", str(index), "done", "3 jobs")
    run = api.manager.post("/calculations/runs", json={"queue": index, "processes": 1}).json()["id"]
    assert newest(api) == ("mia", "run.start", str(run), "done", f"queue {index}")
    wait_until(lambda: api.manager.get(f"/calculations/runs/{run}").json()["state"] == "done", "the run is over")
    api.manager.delete(f"/calculations/runs/{run}")
    assert newest(api) == ("mia", "run.stop", str(run), "refused", "")
    api.manager.delete(f"/queueing/queues/{index}")
    assert newest(api) == ("mia", "queue.delete", str(index), "done", "")


def test_pushes_leave_nothing(api: Api) -> None:
    index = api.manager.post("/queueing/queues", json={}).json()["index"]
    before = len(trail(api))
    assert api.manager.post(f"/queueing/queues/{index}/jobs", json={"assets": [0]}).status_code == 201
    assert len(trail(api)) == before


def test_who_is_refused_by_role_is_on_record_whatever_was_asked(api: Api) -> None:
    api.employee.get("/auth/users")
    assert newest(api) == ("emil", "access", "GET /auth/users", "denied", "")
    api.employee.delete("/queueing/queues/1")
    assert newest(api) == ("emil", "queue.delete", "1", "denied", "")


def test_strangers_cannot_fill_the_trail(api: Api) -> None:
    assert api.employee.get("/auth").status_code == 200
    before = trail(api)
    for _ in range(3):
        assert api.nobody.delete("/masterdata/jobs/1").status_code == 401
    assert trail(api) == before
    answers = [api.nobody.post("/auth/login", json={"user": "emil", "password": "x"}).status_code for _ in range(6)]
    assert [entry["action"] for entry in trail(api)[: -len(before)]] == ["login"] * answers.count(401)
    assert 429 in answers


def test_only_admins_see_it(api: Api) -> None:
    assert api.manager.get("/auth/audit").status_code == 403
    assert api.employee.get("/auth/audit").status_code == 403
    assert api.nobody.get("/auth/audit").status_code == 401


def test_pages_and_filters(api: Api) -> None:
    for name in ("a1", "a2", "a3"):
        api.admin.post("/auth/users", json={"name": name, "role": "employee", "password": PASSWORD})
    api.employee.delete("/masterdata/jobs/77")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = api.admin.get("/auth/audit", params={"action": "user.create", "limit": 1, "cursor": cursor}).json()
        seen += [entry["target"] for entry in answer["items"]]
        cursor = answer["next"]
    assert seen[:3] == ["a3", "a2", "a1"]
    assert {entry["action"] for entry in trail(api, subject="emil")} == {"login", "job.delete"}
    assert trail(api, subject="emil", action="user.create") == []
    assert api.admin.get("/auth/audit", params={"action": "nap"}).status_code == 422
    assert api.admin.get("/auth/audit", params={"cursor": "last"}).status_code == 422
    for first in ("0-0", "000-00"):
        assert api.admin.get("/auth/audit", params={"cursor": first}).json() == {"items": [], "next": None}


def test_no_token_gets_into_it(api: Api) -> None:
    token = api.employee.headers["Authorization"].removeprefix("Bearer ")
    api.admin.delete(f"/auth/tokens/{token}")
    api.employee.get(f"/auth/users/{token}")
    assert token[3:] not in json.dumps(trail(api))
    assert [entry["target"] for entry in trail(api, limit=1)] == ["GET /auth/users/fs_..."]


def test_whatever_deletes_is_audited() -> None:
    """A new route that deletes, and no entry of the trail for it, fails here."""
    routes = [route for service in SERVICES for route in iter_route_contexts(service.router.routes)]
    actions = {
        (method, str(route.path)): [
            part.call.action for part in route.dependant.dependencies if isinstance(part.call, Audited)
        ]
        for route in routes
        for method in route.methods or ()
    }
    assert [path for (method, path), found in actions.items() if method == "DELETE" and not found] == []
    assert {action for found in actions.values() for action in found} == set(Action) - {Action.ACCESS}


@contextmanager
def json_lines(store: EmbeddedStore, **settings: str) -> Iterator[Server]:
    known = production(store) | {"FORESAIL_LOG_FORMAT": "json"}
    with short_folder() as folder, alone("auth", folder, known | settings) as server:
        yield server


def lines(server: Server) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in server.text().splitlines() if line.startswith("{")]
    return [line for line in found if line["logger"] == "foresail.audit"]


def test_the_log_has_each_as_one_line_whatever_its_level(store_server: EmbeddedStore) -> None:
    with json_lines(store_server, FORESAIL_LOG_LEVEL="error") as server:
        httpx.post(f"{server.url}/auth/login", json={"user": "admin", "password": FIRST})
        wait_until(lambda: len(lines(server)) == 2, "both entries are in the log")
        first, login = lines(server)
    assert first["audit"] == {
        "action": "user.create",
        "target": "admin",
        "outcome": "done",
        "detail": "the first user",
    }
    assert login["audit"] == {
        "subject": "admin",
        "action": "login",
        "outcome": "done",
        "client": "127.0.0.1",
        "request_id": login["request_id"],
    }
    assert login["message"] == "admin login: done"


def test_without_the_store_the_log_still_has_it() -> None:
    with short_folder() as folder, embedded(folder) as store, json_lines(store) as server:
        token = httpx.post(f"{server.url}/auth/login", json={"user": "admin", "password": FIRST}).json()["token"]
        store.stop()
        gone = httpx.delete(f"{server.url}/auth/users/bob", headers={"Authorization": f"Bearer {token}"})
        assert gone.status_code == 503
        wait_until(lambda: lines(server)[-1]["audit"]["action"] == "user.delete", "it is in the log")
        assert lines(server)[-1]["audit"]["outcome"] == "failed"
