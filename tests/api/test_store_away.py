"""The store goes away in the middle: 503 with Retry-After, and recovery by itself."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.store.embedded import EmbeddedStore
from tests.api.service import FIRST, alone, production
from tests.store.process import kill, silent
from tests.store_away.system import JOB, assert_away
from tests.waiting import wait_until


@pytest.fixture
def client(folder: Path, own_store: EmbeddedStore) -> Iterator[httpx.Client]:
    """An admin at the queueing service, whose server has only this store."""
    settings = production(own_store)
    with alone("auth", folder, settings) as auth:
        answer = httpx.post(f"{auth.url}/auth/login", json={"user": "admin", "password": FIRST}, timeout=60)
    header = {"Authorization": f"Bearer {answer.json()['token']}"}
    with alone("queueing", folder, settings) as server, httpx.Client(base_url=server.url, headers=header) as client:
        assert client.post("/queueing/queues", json={}).status_code == 201
        yield client


def test_a_killed_store_is_503_and_then_all_is_as_before(client: httpx.Client, own_store: EmbeddedStore) -> None:
    accepted = [client.post("/queueing/queues/1/jobs", json=JOB).json()["first"] for _ in range(20)]
    kill(own_store)
    for path in ("/queueing/queues", "/readyz"):
        assert_away(client.get(path))
    assert_away(client.post("/queueing/queues/1/jobs", json=JOB))
    assert client.get("/livez").status_code == 200
    own_store.start()
    wait_until(lambda: client.get("/readyz").is_success, "ready again")
    assert client.get("/queueing/queues/1").json()["ready"] == len(accepted)
    assert client.post("/queueing/queues/1/jobs", json=JOB).json()["first"] == accepted[-1] + 1


def test_a_silent_store_is_503_too(client: httpx.Client, own_store: EmbeddedStore) -> None:
    """Stopped, not dead: it takes connections and requests, and answers none."""
    with silent(own_store):
        assert_away(client.get("/queueing/queues"))
    wait_until(lambda: client.get("/queueing/queues").is_success, "it answers again")
