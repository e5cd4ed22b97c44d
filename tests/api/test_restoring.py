"""A store whose restore was cut off: nobody gets in, nothing is made, and /readyz says why."""

import asyncio
from collections.abc import Iterator

import pytest

from services.store import keys
from services.store.embedded import EmbeddedStore
from tests.api.server import PASSWORD, Api
from tests.store.soundness import connected


def say(url: str, *words: str) -> None:
    async def command() -> None:
        async with connected(url) as store:
            await store.command(*words)

    asyncio.run(command())


@pytest.fixture
def closed(api: Api, served_store: EmbeddedStore) -> Iterator[Api]:
    """The API with an admin who logged in before."""
    assert api.admin.get("/auth").is_success
    say(served_store.url, "SET", keys.RESTORING, "word")
    yield api
    say(served_store.url, "DEL", keys.RESTORING)


def test_nobody_works_in_it(closed: Api) -> None:
    login = {"user": "admin", "password": PASSWORD}
    answers = [
        closed.nobody.get("/readyz"),
        closed.nobody.post("/auth/login", json=login),
        closed.nobody.post("/auth/login", json={**login, "password": "a wrong one"}),
        closed.admin.get("/queueing/queues"),
        closed.admin.post("/queueing/queues", json={}),
    ]
    for answer in answers:
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) >= 1
        assert "the store is being restored" in answer.json()["detail"]
    assert closed.nobody.get("/livez").is_success
