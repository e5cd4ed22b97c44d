"""Users and sessions are managed by admins; everyone changes their own password."""

import pytest

from tests.api.server import PASSWORD, Api
from tests.cli.foresail import Foresail, ended

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine


def test_a_user_from_first_to_last_day(admin: Foresail, stranger: Foresail) -> None:
    admin("users", "add", "bob", "employee", "--password-stdin", stdin="first secret\n")
    stranger("login", "-u", "bob", "--password-stdin", stdin="first secret\n")
    admin("users", "role", "bob", "manager")
    assert stranger.json("whoami")["role"] == "manager"
    assert [token["user"] for token in admin.json("tokens", "list", "--user", "bob")] == ["bob"]
    admin("users", "disable", "bob")
    stranger("whoami", code=3)
    admin("users", "enable", "bob")
    assert admin.json("users", "show", "bob")["disabled"] is False
    admin("users", "delete", "bob", "--yes")
    assert [user["name"] for user in admin.json("users", "list")] == ["admin"]


def test_only_admins_see_the_hash(admin: Foresail, employee: Foresail) -> None:
    assert "$argon2id$" in admin("users", "show", "emil").out
    assert "argon2" not in employee("users", "show", "emil", "-o", "json").out
    assert "argon2" not in admin("users", "list").out


def test_one_changes_ones_own_password(api: Api, employee: Foresail) -> None:
    terminal = employee.terminal("users", "passwd")
    for question, answer in (("Current", PASSWORD), ("New", "a new secret"), ("Once more", "a new secret")):
        terminal.expect(f"{question}.*: ")
        terminal.waitnoecho()
        terminal.sendline(answer)
    terminal.expect("the password of emil is changed")
    assert ended(terminal) == 0
    assert api.nobody.post("/auth/login", json={"user": "emil", "password": "a new secret"}).is_success


def test_a_password_can_be_given_by_pipe(api: Api, employee: Foresail) -> None:
    employee("users", "passwd", "--password-stdin", stdin="wrong\nnew secret\n", code=1)
    missing = employee("users", "passwd", "--password-stdin", stdin=f"{PASSWORD}\n", code=2)
    assert missing.err == "foresail: --password-stdin was given, and stdin holds no new password\n"
    changed = employee("users", "passwd", "--password-stdin", stdin=f"{PASSWORD}\nnew secret\n")
    assert changed.err == "the password of emil is changed\n"
    assert api.nobody.post("/auth/login", json={"user": "emil", "password": "new secret"}).is_success


def test_what_cannot_be_is_told_before_a_password_is_asked_for(admin: Foresail) -> None:
    for words in (["passwd"], ["add", "bob", "employee"]):
        assert "no terminal to ask for a password on" in admin("users", *words, stdin=f"{PASSWORD}\n", code=2).err
    terminal = admin.terminal("users", "add", "bob", "chief")
    terminal.expect("'chief' is not one of 'admin'")
    assert ended(terminal) == 2


def test_a_session_can_be_ended_from_another(api: Api, employee: Foresail, stranger: Foresail) -> None:
    stranger("login", "-u", "emil", "--password-stdin", stdin=PASSWORD)
    [other] = [token for token in employee.json("tokens", "list") if not token["current"]]
    employee("tokens", "delete", other["id"])
    stranger("whoami", code=3)
    assert api.employee.get("/auth").is_success
