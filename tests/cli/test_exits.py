"""Whatever goes wrong is one clear line on stderr, and an exit code that says what kind of thing it was."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer.testing

from cli.app import app
from cli.exits import MEANINGS, Exit
from cli.main import guarded
from tests.api.server import Api
from tests.cli.foresail import COMMAND, Foresail

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine


def test_no_server(stranger: Foresail) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        stranger.url, stranger.token = f"http://127.0.0.1:{unused.getsockname()[1]}", "fs_x"
        answer = stranger("queues", "list", code=4)
    hint = "is it running? Start one with foresail-local, or name another by --url"
    assert answer.err == f"foresail: cannot reach {stranger.url}: connection refused; {hint}\n"
    assert answer.out == ""


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["jobs", "submit", "-q", "1", "0"], 1, "there is no queue 1"),
        (["jobs", "submit", "100"], 1, "foresail: assets.0: there is no asset 100: market has 100 series, 0 to 99"),
        (["jobs", "submit", "0", "--dataset", "nix"], 1, "nix"),
        (["jobs", "show", "999"], 1, "there is no job 999"),
        (["queues", "create"], 3, "role"),
        (["users", "list"], 3, "role"),
        (["jobs", "submit"], 2, "name either assets"),
        (["jobs", "submit", "0", "--wait"], 2, "--wait needs a queue"),
        (["jobs", "submit", "9-5"], 2, "5-9"),
        (["jobs", "submit", "0", "--timeout", "2"], 2, "--timeout needs --wait"),
        (["jobs", "submit", "0", "-q", "1", "--timeout", "2"], 2, "--timeout needs --wait"),
        (["queuse"], 2, "Did you mean 'queues'"),
        (["--url", "ftp://here", "whoami"], 2, "is no URL of a server"),
        (["--context", "none", "--url", "http://", "whoami"], 2, "is no URL of a server"),
        (["datasets", "upload", "prices.xlsx"], 2, "neither .csv nor .parquet"),
        (["datasets", "upload", "none.csv"], 2, "No such file"),
        (["datasets", "show", "market/series/0"], 2, "'market/series/0' is no name"),
        (["users", "delete", "a/../emil", "--yes"], 2, "'a/../emil' is no name"),
        (["context", "add", "", "http://127.0.0.1"], 2, "'' is no name"),
        (["plot", "1", "--save", "plot.gif"], 2, ".png"),
        *(
            ([*words, name], 2, "is no name")
            for words in (["users", "show"], ["datasets", "delete", "--yes"], ["tokens", "delete"])
            for name in ("..", ".", "", "\udcff")
        ),
    ],
)
def test_each_mistake_has_its_answer(  # in this process, because there are many of them
    employee: Foresail,
    words: list[str],
    code: int,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in employee.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["foresail", *words])
    assert guarded() == code
    said = capsys.readouterr()
    assert why in " ".join(said.err.replace("│", " ").split())
    assert said.out == ""


@pytest.mark.parametrize("name", ["http_proxy"])
def test_a_proxy_is_not_asked_for_a_server_on_this_machine(
    employee: Foresail, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{unused.getsockname()[1]}"
        monkeypatch.setenv(name, dead.replace("//", "//emil:hidden@"))
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert employee.json("whoami")["role"] == "employee"
        employee.url = "http://foresail.example"
        through = f"http://foresail.example through the proxy {dead.removeprefix('http://')}"
        assert employee("whoami", code=4).err == f"foresail: cannot reach {through}: connection refused\n"


def test_an_ended_session_is_told(logged_out: Foresail) -> None:
    assert "token" in logged_out("queues", "list", code=3).err


@pytest.fixture
def logged_out(api: Api, employee: Foresail) -> Foresail:
    assert api.employee.delete("/auth/login").is_success
    return employee


def test_output_that_nobody_reads_to_its_end_is_no_error(employee: Foresail) -> None:
    command = f"{COMMAND} roles -o jsonl | true; {COMMAND} roles | head -n 1"
    done = subprocess.run(["sh", "-c", command], env=employee.environment(), capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.startswith("scope")


def test_destroying_asks_first(manager: Foresail, api: Api) -> None:
    index = str(api.manager.post("/queueing/queues", json={}).json()["index"])
    assert "add --yes" in manager("queues", "delete", index, code=2).err
    terminal = manager.terminal("queues", "delete", index)
    terminal.expect(r"\[y/N\]")
    terminal.sendline("n")
    terminal.expect("nothing was changed")
    manager("queues", "delete", index, "--yes")
    manager("queues", "show", index, code=1)


def test_nobody_is_asked_before_they_are_logged_in(stranger: Foresail) -> None:
    hint = f"type `foresail login --url {stranger.url}`"
    for words in (["queues", "purge", "1"], ["queues", "delete", "1"], ["jobs", "delete", "1"]):
        assert hint in stranger(*words, code=3).err


def test_every_command_explains_itself() -> None:
    runner = typer.testing.CliRunner()
    assert runner.invoke(app, ["--help"], env={"COLUMNS": "500"}).output.count("Exit codes:") == 1
    names = list(_commands(typer.main.get_command(app)))
    assert len(names) > 40
    for words in names:
        answer = runner.invoke(app, [*words, "--help"])
        assert (answer.exit_code, "Usage:" in answer.output) == (0, True), words


def _commands(group: Any) -> Iterator[list[str]]:
    for name, command in group.commands.items():
        yield [name]
        if hasattr(command, "commands"):
            yield from ([name, *rest] for rest in _commands(command))


def test_every_exit_code_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Exit)


def test_shell_completion_is_offered(stranger: Foresail) -> None:
    asked = {"_FORESAIL_COMPLETE": "complete_bash", "COMP_WORDS": "foresail que", "COMP_CWORD": "1"}
    done = subprocess.run([COMMAND], env=stranger.environment(asked), capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["queues"]
