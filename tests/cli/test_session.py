"""A session: logging in and out, where its token lies, and to whom it is never sent."""

import json
from pathlib import Path

import pytest

from cli import session
from tests.api.server import PASSWORD, Api
from tests.cli.foresail import Foresail, ended
from tests.cli.others import answering, status

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine


def login(person: Foresail, user: str) -> None:
    person("login", "--user", user, "--password-stdin", stdin=f"{PASSWORD}\n")


def test_a_session_begins_and_ends(api: Api, stranger: Foresail) -> None:
    assert "foresail login" in stranger("whoami", code=3).err
    assert api.employee.get("/auth").is_success
    login(stranger, "emil")
    me = stranger.json("whoami")
    assert (me["user"], me["role"], me["url"]) == ("emil", "employee", stranger.url)
    token = json.loads((stranger.home / "contexts.json").read_text())["contexts"][me["context"]]["token"]
    stranger("logout")
    stranger("whoami", code=3)
    stranger.token = token
    assert "token" in stranger("whoami", code=3).err


def test_the_token_lies_in_a_file_that_only_its_owner_can_read(api: Api, stranger: Foresail) -> None:
    assert api.employee.get("/auth").is_success
    login(stranger, "emil")
    file = stranger.home / "contexts.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert stranger.home.stat().st_mode & 0o777 == 0o700
    file.chmod(0o644)
    assert "now only you can" in stranger("whoami").err
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_terminal_asks_for_user_and_password_and_hides_it(api: Api, stranger: Foresail) -> None:
    assert api.employee.get("/auth").is_success
    terminal = stranger.terminal("login")
    terminal.expect("User: ")
    terminal.sendline("emil")
    terminal.expect("Password: ")
    terminal.waitnoecho()
    terminal.sendline(PASSWORD)
    terminal.expect(r"logged in to http://\S+ as emil \(employee\)")
    assert PASSWORD not in str(terminal.before)
    assert ended(terminal) == 0


@pytest.mark.parametrize(
    ("stdin", "code", "why"), [("wrong\n", 3, "wrong user name or password"), ("", 2, "no password")]
)
def test_a_refused_login_says_why_and_changes_nothing(stranger: Foresail, stdin: str, code: int, why: str) -> None:
    assert why in stranger("login", "-u", "emil", "--password-stdin", stdin=stdin, code=code).err
    assert not (stranger.home / "contexts.json").exists()


def test_two_people_work_by_contexts(api: Api, stranger: Foresail) -> None:
    assert api.employee.get("/auth").is_success
    assert api.manager.get("/auth").is_success
    for name in ("emil", "mia"):
        stranger("--context", name, "login", "--user", name, "--password-stdin", stdin=PASSWORD)
    assert stranger.json("--context", "emil", "whoami")["user"] == "emil"
    assert stranger.json("--context", "mia", "whoami")["user"] == "mia"
    assert "role" in stranger("--context", "emil", "queues", "create", code=3).err
    stranger("--context", "mia", "queues", "create")


def test_a_token_of_the_environment_is_told_from_a_saved_session(api: Api, stranger: Foresail) -> None:
    stranger.token = api.manager.headers["Authorization"].removeprefix("Bearer ")
    assert api.employee.get("/auth").is_success
    said = stranger("login", "--user", "emil", "--password-stdin", stdin=PASSWORD).err
    assert "FORESAIL_TOKEN goes before this session while it is set" in said
    assert stranger.json("whoami")["user"] == "mia"
    assert "unset FORESAIL_TOKEN" in stranger("logout", code=2).err
    assert api.manager.get("/auth").is_success
    stranger.token = ""
    assert stranger.json("whoami")["user"] == "emil"
    assert "FORESAIL_TOKEN" not in stranger("login", "--user", "emil", "--password-stdin", stdin=PASSWORD).err


def test_contexts_have_names(stranger: Foresail) -> None:
    stranger("context", "add", "home", "http://127.0.0.1:8080/")
    stranger("context", "add", "work", "https://foresail.example")
    stranger("context", "use", "work")
    assert [(one["name"], one["url"], one["current"]) for one in stranger.json("context", "list")] == [
        ("home", "http://127.0.0.1:8080", False),
        ("work", "https://foresail.example", True),
    ]
    assert "home, work" in stranger("context", "use", "nowhere", code=2).err
    stranger("context", "delete", "work", "--yes")
    assert stranger.json("context", "show")["name"] == "home"


def test_a_token_goes_to_no_other_server(api: Api, stranger: Foresail) -> None:
    assert api.employee.get("/auth").is_success
    login(stranger, "emil")
    with answering(status(404)) as other:
        stranger("--url", other.url, "whoami", code=3)
        stranger("--url", other.url, "doctor", code=3)
        stranger.token = "the token of FORESAIL_URL"
        stranger("--url", other.url, "doctor", code=3)
    assert other.seen == [None, None]


def test_a_damaged_file_of_contexts_is_named(stranger: Foresail) -> None:
    stranger.home.mkdir()
    (stranger.home / "contexts.json").write_text("{")
    assert "contexts.json cannot be read" in stranger("whoami", code=1).err


def test_contexts_stay_where_a_link_leads(stranger: Foresail, tmp_path: Path) -> None:
    stranger.home.mkdir()
    link = stranger.home / "contexts.json"
    link.symlink_to(tmp_path / "elsewhere.json")
    stranger("context", "add", "home", "http://127.0.0.1:8080")
    assert link.is_symlink()
    assert "home" in (tmp_path / "elsewhere.json").read_text()


def test_a_home_that_is_no_folder_holds_no_contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(session.HOME_VARIABLE, raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", "/dev/null")
    assert session.load() == session.Contexts()


def test_a_file_that_must_stay_readable_by_others_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    session._keep_private(Path("/proc/sys/kernel/ostype"))  # nobody may change its mode
    assert "can be read by others, which cannot be changed" in capsys.readouterr().err
