"""Role × route × owner: what every kind of person is answered on every route, compared with docs/access.md.

The routes are read from the apps: a new one has no row in CALLS and fails here until it has one.
`FORESAIL_RENEW=1 .venv/bin/python -m pytest tests/api/test_access.py` writes the page anew.
"""

import asyncio
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.local import SERVICES
from services.models import ROLE_SCOPES
from services.store import keys, tokens
from services.store.connection import Store
from services.store.embedded import EmbeddedStore
from services.web import health
from services.web.access import PUBLIC, guarded_routes
from tests.api.people import PEOPLE, Things, disable, populate, token_of
from tests.api.server import HASH, PASSWORD, Server
from tests.store.soundness import connected
from tests.waiting import wait_until_async

PAGE = Path(__file__).parents[2] / "docs" / "access.md"
ROUTES = list(guarded_routes([*(service.router for service in SERVICES), health.router]))
CSV = "day,a\n" + "".join(f"2024-01-{day:02},{day}\n" for day in range(1, 21))

CALLS: dict[str, Callable[[Things], dict[str, Any]]] = {
    "POST /auth/login": lambda _: {"json": {"user": "emil", "password": PASSWORD}},
    "PUT /auth/login": lambda _: {},
    "DELETE /auth/login": lambda _: {},
    "GET /auth": lambda _: {"params": {"service": "masterdata"}},
    "GET /auth/users": lambda _: {},
    "POST /auth/users": lambda _: {"json": {"name": "new", "role": "employee", "password": PASSWORD}},
    "GET /auth/users/{name}": lambda _: {},
    "PUT /auth/users/{name}": lambda _: {"json": {"password": "the new password", "current_password": PASSWORD}},
    "DELETE /auth/users/{name}": lambda _: {},
    "GET /auth/tokens": lambda things: {"params": {"user": things.owner}},
    "DELETE /auth/tokens/{token_id}": lambda things: {"params": {"user": things.owner}},
    "GET /auth/audit": lambda _: {},
    "GET /auth/roles": lambda _: {},
    "POST /masterdata/jobs": lambda _: {"json": {"assets": [0], "horizon": 2}},
    "GET /masterdata/jobs": lambda things: {"params": {"owner": things.owner}},
    "GET /masterdata/jobs/{job_id}": lambda _: {},
    "PUT /masterdata/jobs/{job_id}": lambda _: {"json": {"status": "cancelled"}},
    "DELETE /masterdata/jobs/{job_id}": lambda _: {},
    "GET /masterdata/jobs/{job_id}/results": lambda _: {},
    "GET /masterdata/datasets": lambda _: {},
    "GET /masterdata/datasets/{name}": lambda _: {},
    "GET /masterdata/datasets/{name}/series/{asset:path}": lambda _: {},
    "PUT /masterdata/datasets/{name}": lambda _: {"content": CSV, "headers": {"Content-Type": "text/csv"}},
    "DELETE /masterdata/datasets/{name}": lambda _: {},
    "GET /queueing/queues": lambda _: {},
    "POST /queueing/queues": lambda _: {"json": {}},
    "GET /queueing/queues/{index}": lambda _: {},
    "DELETE /queueing/queues/{index}": lambda _: {},
    "POST /queueing/queues/{index}/jobs": lambda things: {"json": {"ids": [things.free]}},
    "GET /queueing/queues/{index}/jobs": lambda _: {},
    "POST /queueing/queues/{index}/pull": lambda _: {},
    "POST /queueing/queues/{index}/pause": lambda _: {},
    "POST /queueing/queues/{index}/resume": lambda _: {},
    "POST /queueing/queues/{index}/purge": lambda _: {},
    "GET /queueing/queues/{index}/dead-letters": lambda _: {},
    "POST /queueing/queues/{index}/redrive": lambda _: {},
    "GET /queueing/diagnosis": lambda _: {},
    "GET /calculations/diagnosis": lambda _: {},
    # A queue that is not there, so that no program is started: 404 is the answer to who may.
    "POST /calculations/runs": lambda _: {"json": {"queue": 10**6}},
    "GET /calculations/runs": lambda _: {},
    "GET /calculations/runs/{run_id}": lambda _: {},
    "DELETE /calculations/runs/{run_id}": lambda _: {},
    "GET /calculations/runs/{run_id}/events": lambda _: {},
    "GET /calculations/runs/{run_id}/results": lambda _: {},
    "GET /livez": lambda _: {},
    "GET /readyz": lambda _: {},
}
COLUMNS = {
    "admin": ("adam", "cora"),
    "manager": ("mia", "cora"),
    "employee, own": ("emil", "emil"),
    "employee, another's": ("emil", "cora"),
    "disabled user": ("dora", "dora"),
    "ended token": ("ended", "emil"),
    "expired token": ("expired", "emil"),
    "no token": ("nobody", "emil"),
    "other scheme": ("basic", "emil"),
}
"""Who asks, and whose things are meant."""


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert sorted(f"{method} {path}" for method, path, _ in ROUTES) == sorted(CALLS)


def test_only_login_and_health_ask_for_no_token() -> None:
    assert {(method, path) for method, path, requirement in ROUTES if requirement is None} == PUBLIC


@pytest.fixture(scope="module")
def answers(server: Server, served_store: EmbeddedStore) -> dict[str, dict[str, int]]:
    """The status by route and kind of person."""
    return asyncio.run(_ask_everything(server.url, served_store.url))


def test_the_page_says_what_is_answered(answers: dict[str, dict[str, int]]) -> None:
    page = _page(answers)
    if os.environ.get("FORESAIL_RENEW"):
        PAGE.write_text(page, "utf-8")
    assert PAGE.read_text("utf-8") == page


@pytest.mark.parametrize("column", ["admin", "manager", "employee, own"])
def test_a_role_without_the_scope_is_refused_and_one_with_it_is_not(
    answers: dict[str, dict[str, int]], column: str
) -> None:
    scopes = ROLE_SCOPES[PEOPLE[COLUMNS[column][0]]]
    for method, path, requirement in ROUTES:
        scope = requirement.scope if requirement else None
        others = column == "manager" and path in ("/auth/users/{name}", "/auth/tokens", "/auth/tokens/{token_id}")
        refused = others or (scope is not None and scope not in scopes)
        assert (answers[f"{method} {path}"][column] == 403) is refused, f"{method} {path}"


HIDDEN = [
    row
    for row in CALLS
    if "{job_id}" in row or "{token_id}" in row or ("{name}" in row and row.split()[1].startswith("/auth"))
] + ["GET /masterdata/jobs", "GET /auth/tokens", "POST /queueing/queues/{index}/jobs"]
"""Where an employee names jobs, users or tokens; datasets, queues and runs are there for everybody to see."""


@pytest.mark.parametrize("row", HIDDEN)
def test_no_answer_tells_whether_something_of_somebody_else_exists(
    server: Server, served_store: EmbeddedStore, row: str
) -> None:
    foreign, absent = asyncio.run(_foreign_and_absent(server.url, served_store.url, row))
    assert foreign == absent
    assert foreign[0].startswith(("403", "404"))


@pytest.mark.parametrize("column", ["disabled user", "ended token", "expired token", "no token", "other scheme"])
def test_without_a_valid_token_nothing_is_answered(answers: dict[str, dict[str, int]], column: str) -> None:
    for method, path, requirement in ROUTES:
        assert (answers[f"{method} {path}"][column] == 401) is (requirement is not None), f"{method} {path}"


async def _ask_everything(url: str, store_url: str) -> dict[str, dict[str, int]]:
    async with connected(store_url) as store, httpx.AsyncClient(base_url=url, timeout=60) as client:
        found = {row: {name: await _ask(client, store, row, *who) for name, who in COLUMNS.items()} for row in CALLS}
        await store.command("FLUSHALL")
    return found


async def _ask(client: httpx.AsyncClient, store: Store, row: str, person: str, owner: str) -> int:
    await store.command("FLUSHALL")
    things = await populate(store, HASH, owner)
    headers = await _credentials(store, person)
    await disable(store, "dora")
    return (await _send(client, row, things, headers)).status_code


async def _send(client: httpx.AsyncClient, row: str, things: Things, headers: dict[str, str]) -> httpx.Response:
    method, _, path = row.partition(" ")
    call = CALLS[row](things)
    answer = await client.request(method, _filled(path, things), headers=call.pop("headers", {}) | headers, **call)
    assert answer.status_code < 500, answer.text
    return answer


async def _foreign_and_absent(url: str, store_url: str, row: str) -> tuple[list[str], list[str]]:
    """What an employee is told of a colleague's things in each state, and of things that are not there."""
    async with connected(store_url) as store, httpx.AsyncClient(base_url=url, timeout=60) as client:
        things = await populate(store, HASH, "cora")
        states = [things, replace(things, done=things.free, free=things.done)]
        absent = Things("nora", 10**6, 10**6 + 1, things.queue, things.run, "0" * tokens.ID_LENGTH)
        headers = await _credentials(store, "emil")
        foreign = [_told(await _send(client, row, state, headers), state) for state in states]
        return foreign, [_told(await _send(client, row, absent, headers), absent)] * len(states)


def _told(answer: httpx.Response, things: Things) -> str:
    """Status, body and headers, without what was asked for and what differs in any two answers."""
    headers = {
        name: value for name, value in answer.headers.items() if name not in ("date", "x-request-id", "content-length")
    }
    text = answer.text
    for value in (things.owner, things.done, things.free, things.token):
        text = re.sub(rf"\b{value}\b", "…", text)
    return f"{answer.status_code} {sorted(headers.items())} {text}"


async def _credentials(store: Store, person: str) -> dict[str, str]:
    if person == "nobody":
        return {}
    token = await token_of(store, person if person in PEOPLE else "emil", HASH)
    if person == "ended":
        await tokens.end(store, token)
    if person == "expired":
        # Its time comes as it comes to any token, but now.
        await store.command("PEXPIRE", keys.token(tokens.digest(token)), 1)
        await wait_until_async(lambda: _is_gone(store, token), "the token expires")
    return {"Authorization": f"{'Basic' if person == 'basic' else 'Bearer'} {token}"}


async def _is_gone(store: Store, token: str) -> bool:
    return not await store.command("EXISTS", keys.token(tokens.digest(token)))


def _filled(path: str, things: Things) -> str:
    job = things.done if path.endswith("results") else things.free
    values = {"name": things.owner, "job_id": job, "index": things.queue, "run_id": things.run}
    values |= {"token_id": things.token, "asset:path": 0}
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", str(value))
    return path


def _page(answers: dict[str, dict[str, int]]) -> str:
    scopes = {f"{method} {path}": _scope(requirement) for method, path, requirement in ROUTES}
    lines = [
        "# Who may do what",
        "",
        "Each figure is the status that such a request was really answered: `tests/api/test_access.py` asks them all,",
        "and compares this page with the answers. Admins and managers ask for what an employee owns. 401: who are you?",
        "403: the role may not. Somebody else's job is answered word for word like one that does not exist (404).",
        "Who may start and stop runs is told that there is no such queue (404), and that the run is over (409).",
        "",
        f"| route | scope | {' | '.join(COLUMNS)} |",
        f"|---|---|{'---|' * len(COLUMNS)}",
    ]
    for row, found in answers.items():
        shown = row.replace(":path}", "}")
        lines.append(f"| `{shown}` | {scopes[row]} | {' | '.join(str(found[name]) for name in COLUMNS)} |")
    return "\n".join(lines) + "\n"


def _scope(requirement: Any) -> str:
    if requirement is None:
        return "none: public"
    return f"`{requirement.scope}`" if requirement.scope else "any token"
