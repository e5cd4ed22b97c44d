"""Logins, tokens and users: what counts, and from when."""

import asyncio
import re

import httpx
import pytest
from argon2 import PasswordHasher

from services.models import ROLE_SCOPES, Role
from services.store import keys, logins, users
from tests.api.server import PASSWORD, Api
from tests.store.soundness import connected

NEW = "quite another password"


def login(api: Api, user: str, password: str = PASSWORD) -> httpx.Response:
    return api.nobody.post("/auth/login", json={"user": user, "password": password})


def bearer(api: Api, answer: httpx.Response) -> httpx.Client:
    """A client with the token of a login."""
    assert answer.status_code == 200, answer.text
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    api.clients.append(httpx.Client(base_url=api.server.url, headers=headers, timeout=30))
    return api.clients[-1]


async def wait_is_over(url: str, who: list[str]) -> None:
    """Let the back-off's time pass, without waiting for it."""
    async with connected(url) as store:
        for name in who:
            await store.command("HSET", keys.login_failures(name), "until", 0)


def test_a_login_says_who_and_for_how_long(api: Api) -> None:
    api.employee.get("/auth")
    answer = login(api, "emil").json()
    assert answer["token"].startswith("fs_")
    assert (answer["user"], answer["role"], answer["expires_in"], answer["notice"]) == ("emil", "employee", 43200, None)


def test_a_token_tells_whom_it_speaks_for(api: Api) -> None:
    answer = api.manager.get("/auth", params={"service": "queueing"})
    assert answer.json() == {"user": "mia", "role": "manager", "scopes": sorted(ROLE_SCOPES[Role.MANAGER])}
    assert (answer.headers["x-auth-user"], answer.headers["x-auth-role"]) == ("mia", "manager")
    assert api.manager.get("/auth", params={"service": "none"}).status_code == 404


def test_the_table_of_roles_is_served(api: Api) -> None:
    assert api.employee.get("/auth/roles").json() == {role: sorted(scopes) for role, scopes in ROLE_SCOPES.items()}


@pytest.mark.parametrize("verb", ["PUT", "DELETE"])
def test_a_logout_counts_from_the_next_request(api: Api, verb: str) -> None:
    api.employee.get("/auth")
    other = bearer(api, login(api, "emil"))
    assert other.request(verb, "/auth/login").status_code == 204
    refused = other.get("/auth")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert api.employee.get("/auth").status_code == 200


@pytest.mark.parametrize(
    ("change", "status"), [({"disabled": True}, 401), ({"role": "employee"}, 403), ({"password": NEW}, 401)]
)
def test_what_an_admin_changes_counts_from_the_next_request(api: Api, change: dict[str, object], status: int) -> None:
    assert api.manager.post("/queueing/queues", json={}).status_code == 201
    assert api.admin.put("/auth/users/mia", json=change).status_code == 200
    assert api.manager.post("/queueing/queues", json={}).status_code == status


def test_a_deleted_user_is_out_from_the_next_request(api: Api) -> None:
    assert api.manager.get("/auth").status_code == 200
    assert api.admin.delete("/auth/users/mia").status_code == 204
    assert api.manager.get("/auth").status_code == 401
    assert login(api, "mia").status_code == 401


def test_enabling_a_user_again_does_not_bring_old_tokens_back(api: Api) -> None:
    assert api.manager.get("/auth").status_code == 200
    api.admin.put("/auth/users/mia", json={"disabled": True})
    api.admin.put("/auth/users/mia", json={"disabled": False})
    assert api.manager.get("/auth").status_code == 401
    assert login(api, "mia").status_code == 200


def test_one_s_own_password_needs_the_current_one_and_ends_the_other_tokens(api: Api) -> None:
    api.employee.get("/auth")
    other = bearer(api, login(api, "emil"))
    path = "/auth/users/emil"
    assert api.employee.put(path, json={"password": NEW}).status_code == 422
    wrong = api.employee.put(path, json={"password": NEW, "current_password": "wrong"})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["where"] == "body.current_password"
    assert other.get("/auth").status_code == 200
    assert api.employee.put(path, json={"password": NEW, "current_password": PASSWORD}).status_code == 200
    assert api.employee.get("/auth").status_code == 200
    assert other.get("/auth").status_code == 401
    assert login(api, "emil", NEW).status_code == 200


def test_nobody_but_admins_sees_a_hash_and_nobody_a_password(api: Api) -> None:
    assert api.employee.get("/auth/users/emil").json()["password_hash"] is None
    assert api.admin.get("/auth/users/emil").json()["password_hash"].startswith("$argon2id$")
    listed = {user["name"]: user["password_hash"] for user in api.admin.get("/auth/users").json()["items"]}
    assert set(listed) == {"admin", "emil"}
    assert all(value.startswith("$argon2id$") for value in listed.values())


def test_the_last_admin_stays(api: Api) -> None:
    path = "/auth/users/admin"
    assert api.admin.put(path, json={"role": "manager"}).status_code == 409
    assert api.admin.put(path, json={"disabled": True}).status_code == 422
    assert api.admin.delete(path).status_code == 409
    assert api.admin.post("/auth/users", json={"name": "second", "role": "admin", "password": NEW}).status_code == 201
    assert api.admin.delete(path).status_code == 204


@pytest.mark.parametrize("password", ["with some spaces ", "Grüße, 世界 🚀", "\t\n ok", "x" * 256])
def test_any_characters_make_a_password(api: Api, password: str) -> None:
    added = api.admin.post("/auth/users", json={"name": "new", "role": "employee", "password": password})
    assert added.status_code == 201
    assert login(api, "new", password).status_code == 200
    assert login(api, "new", password[1:]).status_code == 401


def test_a_password_that_is_no_text_is_not_told(api: Api) -> None:
    answer = api.nobody.post("/auth/login", json={"user": "emil", "password": 12345678})
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, "body.password")
    assert "12345678" not in answer.text


def test_a_name_is_taken_once(api: Api) -> None:
    new = {"name": "new", "role": "employee", "password": NEW}
    assert api.admin.post("/auth/users", json=new).status_code == 201
    assert api.admin.post("/auth/users", json=new).status_code == 409


def test_tokens_are_listed_and_ended_one_by_one(api: Api) -> None:
    api.employee.get("/auth")
    other = bearer(api, login(api, "emil"))
    listed = api.employee.get("/auth/tokens").json()["items"]
    assert [token["current"] for token in listed] == [True, False]
    assert {token["user"] for token in listed} == {"emil"}
    assert api.admin.get("/auth/tokens", params={"user": "emil"}).json()["items"][0]["current"] is False
    assert api.employee.delete(f"/auth/tokens/{listed[1]['id']}").status_code == 204
    assert other.get("/auth").status_code == 401
    assert api.employee.delete(f"/auth/tokens/{listed[1]['id']}").status_code == 404


def test_back_off_grows_and_a_right_password_ends_it(api: Api) -> None:
    api.employee.get("/auth")
    who = [f"user:{name}@127.0.0.1" for name in ("emil", "unknown")]
    for name in ("emil", "unknown"):
        assert [login(api, name, "wrong").status_code for _ in range(5)] == [401] * 4 + [429]
    longest = 0
    for _ in range(9):
        asyncio.run(wait_is_over(api.store_url, who))
        assert login(api, "emil", "wrong").status_code == 401
        refused = login(api, "emil")
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == re.search(r"again in (\d+) s", refused.text)[1]  # type: ignore[index]
        assert int(refused.headers["retry-after"]) >= longest
        longest = int(refused.headers["retry-after"])
    assert longest == 300
    asyncio.run(wait_is_over(api.store_url, who))
    assert login(api, "emil").status_code == 200
    assert login(api, "emil", "wrong").status_code == 401
    assert login(api, "emil").status_code == 200


def test_guessing_from_elsewhere_keeps_nobody_out(api: Api) -> None:
    api.employee.get("/auth")

    async def guess() -> None:
        async with connected(api.store_url) as store:
            for _ in range(50):
                await logins.fail(store, ["user:emil@10.1.1.1", "client:10.1.1.1"], 3, 300)

    asyncio.run(guess())
    assert login(api, "emil").status_code == 200


async def guessed_before(url: str, who: str, count: int) -> None:
    """So many failures whose wait is over: the next one is followed by a long wait, however slow the machine is."""
    async with connected(url) as store:
        await store.command("HSET", keys.login_failures(who), "count", count, "until", 0)


def test_an_account_of_ones_own_buys_no_guesses_at_others(api: Api) -> None:
    api.employee.get("/auth")
    asyncio.run(guessed_before(api.store_url, "client:127.0.0.1", 40))
    assert login(api, "emil").status_code == 200
    assert [login(api, name, "wrong").status_code for name in ("mia", "cora")] == [401, 429]


async def give_hash(url: str, user: str, password_hash: str) -> None:
    async with connected(url) as store:
        await users.change(store, user, {"password_hash": password_hash})


def test_of_many_guesses_at_once_only_few_are_heard(api: Api) -> None:
    """The right password, sent along with wrong ones, is not told from them once the wait has begun."""
    api.employee.get("/auth")
    asyncio.run(guessed_before(api.store_url, "user:emil@127.0.0.1", 10))
    # At ten times its real cost, so that all are there before the first is answered.
    asyncio.run(give_hash(api.store_url, "emil", PasswordHasher(20, 19456, 1).hash(PASSWORD)))

    async def guess() -> list[int]:
        async with httpx.AsyncClient(base_url=api.server.url, timeout=60) as client:
            wrong = {"user": "emil", "password": "wrong"}
            # As many as the service has places for; more would be sent away before anybody looks at them.
            sent = [asyncio.create_task(client.post("/auth/login", json=wrong)) for _ in range(7)]
            await asyncio.wait(sent, return_when=asyncio.FIRST_COMPLETED)
            right = await client.post("/auth/login", json={"user": "emil", "password": PASSWORD})
            return [right.status_code, *[answer.status_code for answer in await asyncio.gather(*sent)]]

    answers = asyncio.run(guess())
    assert answers[0] == 429
    assert set(answers) == {401, 429}
    assert answers.count(401) < 7


def test_a_hash_of_another_cost_is_renewed_at_login(api: Api) -> None:
    api.employee.get("/auth")
    asyncio.run(give_hash(api.store_url, "emil", PasswordHasher(2, 128, 1).hash(PASSWORD)))
    assert login(api, "emil").status_code == 200
    assert "m=64,t=1,p=1" in api.admin.get("/auth/users/emil").json()["password_hash"]
    assert login(api, "emil").status_code == 200
    assert api.employee.get("/auth").status_code == 200


def test_a_token_lives_on_with_its_use(api: Api) -> None:
    token = api.employee.get("/auth/tokens").json()["items"][0]
    assert asyncio.run(_life_after_a_use(api.store_url, token["id"], api.employee)) > 43_000


async def _life_after_a_use(url: str, token_id: str, client: httpx.Client) -> int:
    async with connected(url) as store:
        (key,) = await store.command("KEYS", f"{keys.TOKEN}{token_id}*")
        await store.commands([("HSET", key, "last_used", 0), ("EXPIRE", key, 100)])
        assert (await asyncio.to_thread(client.get, "/auth")).status_code == 200
        return int(await store.command("TTL", key))


@pytest.mark.parametrize("header", ["Bearer", "Bearer x", "Basic YTpi", "Token x", "Bearer fs_\xff", ""])
def test_no_other_header_lets_anybody_in(api: Api, header: str) -> None:
    answer = api.nobody.get("/auth", headers={b"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
