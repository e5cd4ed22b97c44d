"""Outside local mode, passwords must be long and not easy to guess; the answer says why one is refused."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.store.embedded import EmbeddedStore
from tests.api.service import FIRST, alone, production

WEAK = {
    "fourteen chars": "at least 15 characters",
    "passwordpassword": "on the list of common ones",
    "emil-emil-emil-emil": "little more than the user's name",
    "abcabcabcabcabc12": "repeated or neighbouring",
}


@pytest.fixture
def admin(folder: Path, store_server: EmbeddedStore) -> Iterator[httpx.Client]:
    """The first user at an auth service in production mode."""
    settings = production(store_server)
    with alone("auth", folder, settings) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        token = client.post("/auth/login", json={"user": "admin", "password": FIRST}).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def test_a_weak_password_is_refused_with_the_reason_wherever_one_is_chosen(admin: httpx.Client) -> None:
    new = {"name": "emil", "role": "admin", "password": "a good one for emil"}
    assert admin.post("/auth/users", json=new).status_code == 201
    for password, why in WEAK.items():
        answers = [
            admin.post("/auth/users", json=new | {"password": password}),
            admin.put("/auth/users/emil", json={"password": password}),
        ]
        for answer in answers:
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["where"] == "body.password"
            assert why in answer.json()["detail"]
            assert password not in answer.text
    own = {"current_password": FIRST, "password": "admin manager admin"}
    assert "a role" in admin.put("/auth/users/admin", json=own).json()["detail"]
    assert admin.put("/auth/users/admin", json=own | {"password": "one that nobody guesses"}).status_code == 200
