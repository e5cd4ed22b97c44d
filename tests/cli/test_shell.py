"""The assignment's session: typed on a terminal or piped in, several at a time, each with a token of its own."""

import signal
import subprocess
from pathlib import Path

import pexpect
import pytest

from tests.api.server import PASSWORD, Api
from tests.cli.foresail import COMMAND, Foresail, ended
from tests.signals import ignored, ignores_hang_ups

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine
SECRET = "hunter2-hunter2"


def script(user: str, *lines: str) -> str:
    return "\n".join([user, PASSWORD, *lines, ""])


def begin(person: Foresail, user: str) -> "pexpect.spawn[str]":
    terminal = person.terminal("shell")
    terminal.expect("User: ")
    terminal.sendline(user)
    terminal.expect("Password: ")
    terminal.waitnoecho()
    terminal.sendline(PASSWORD)
    terminal.expect(f"welcome, {user}")
    terminal.expect(f"{user}>")
    return terminal


@pytest.fixture
def people(api: Api) -> Api:
    """The users exist."""
    for client in (api.admin, api.manager, api.employee):
        assert client.get("/auth").is_success
    return api


def test_every_command_works_from_a_pipe(people: Api, stranger: Foresail) -> None:
    lines = [
        "# a comment",
        f"add_user bob employee {SECRET}",
        'create_queue "my queue"',
        "add_job 1 0,1 20",
        "add_job 5-6",
        "get_queues",
        "pull_job 1",
        "job_results 2",
        "add_job 1 7",
        "start_run 1",
        "delete_queue 1",
        "help",
        "exit",
        "create_queue never",
    ]
    answer = stranger("shell", stdin=script("admin", *lines))
    for said in (
        "added bob",
        "created queue 1",
        "job 1 waits in queue 1",
        "job 2 is done",
        "run 1 done",
        "deleted queue 1",
    ):
        assert said in answer.err
    for shown in ("my queue", "0,1", "asset-6", "add_user <username> <role> <password>"):
        assert shown in answer.out
    assert people.admin.get("/queueing/queues").json()["items"] == []
    assert people.nobody.post("/auth/login", json={"user": "bob", "password": SECRET}).is_success


@pytest.mark.usefixtures("people")
def test_an_error_is_a_line_and_the_session_goes_on(stranger: Foresail) -> None:
    lines = [
        "job_results 99",
        "fly",
        "pull_job",
        "pull_job x",
        'add_job "0',
        "add_user x chief y",
        "add_job 100",
        "get_queues",
    ]
    answer = stranger("shell", stdin=script("emil", *lines), code=1)
    errors = [line for line in answer.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 7
    assert "there is no job 99" in errors[0]
    assert "there is no command 'fly'" in errors[1]
    assert "pull_job takes <queue>" in errors[2]
    assert answer.out.startswith("index")


def test_an_interrupted_script_goes_no_further_and_is_logged_out(people: Api, stranger: Foresail) -> None:
    before = len(people.manager.get("/auth/tokens").json()["items"])
    people.manager.post("/queueing/queues", json={})
    piped = subprocess.Popen(
        [COMMAND, "shell"],
        env=stranger.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert piped.stdin is not None
    assert piped.stderr is not None
    piped.stdin.write(script("mia", "fly"))
    piped.stdin.flush()
    assert "welcome, mia" in piped.stderr.readline()
    assert "there is no command 'fly'" in piped.stderr.readline()
    piped.send_signal(signal.SIGINT)
    piped.communicate("delete_queue 1\n", timeout=50)
    assert piped.returncode == 130
    assert people.manager.get("/queueing/queues/1").is_success
    assert len(people.manager.get("/auth/tokens").json()["items"]) == before


@pytest.mark.usefixtures("people")
def test_a_wrong_password_ends_a_piped_session(stranger: Foresail) -> None:
    assert "wrong user name or password" in stranger("shell", stdin="emil\nwrong\nget_queues\n", code=3).err


def test_the_session_ends_with_the_shell(people: Api, stranger: Foresail) -> None:
    before = len(people.employee.get("/auth/tokens").json()["items"])
    terminal = begin(stranger, "emil")
    assert len(people.employee.get("/auth/tokens").json()["items"]) == before + 1
    terminal.sendeof()
    assert ended(terminal) == 0
    assert len(people.employee.get("/auth/tokens").json()["items"]) == before
    terminal = begin(stranger, "emil")
    terminal.kill(15)
    ended_by_signal(terminal)
    assert len(people.employee.get("/auth/tokens").json()["items"]) == before


def test_commands_roles_and_queues_are_completed(people: Api, stranger: Foresail) -> None:
    people.manager.post("/queueing/queues", json={})
    terminal = begin(stranger, "mia")
    terminal.send("get_q\t")
    terminal.expect("ueues")
    terminal.sendline("")
    terminal.expect("waiting")
    terminal.expect("mia>")
    terminal.send("add_user bob emp\t")
    terminal.expect("loyee")
    terminal.sendintr()
    terminal.expect("mia>")
    terminal.send("delete_q\t")
    terminal.expect("ueue")
    terminal.send(" \t")
    terminal.expect(r"(?<![\d;?\[])1(?![\d;]*[A-Za-z])")  # the index, and no part of a cursor's movement
    terminal.sendline("")
    terminal.expect("Delete queue 1 with the jobs that are in it")
    terminal.sendline("n")
    terminal.expect("nothing was changed")
    terminal.expect("mia>")
    terminal.sendline("delete_queue 1")
    terminal.expect("Delete queue 1 with the jobs that are in it")
    terminal.sendline("y")
    terminal.expect("deleted queue 1")
    terminal.sendline("exit")
    assert ended(terminal) == 0


@pytest.mark.usefixtures("people")
def test_history_lasts_over_sessions_without_passwords(stranger: Foresail) -> None:
    terminal = begin(stranger, "admin")
    terminal.sendline(f"add_user bob employee {SECRET}")
    terminal.expect("added bob as employee")
    terminal.sendline("exit")
    assert ended(terminal) == 0
    kept = stranger.home / "history"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "add_user bob employee" in kept.read_text()
    assert SECRET not in kept.read_text()
    terminal = begin(stranger, "admin")
    terminal.send("\x1b[A\x1b[A")
    terminal.expect("add_user bob employee")
    terminal.sendintr()
    terminal.sendline("exit")
    terminal.expect(pexpect.EOF)
    assert SECRET not in str(terminal.before)


@pytest.mark.usefixtures("people")
def test_a_home_that_cannot_be_written_keeps_lines_for_the_session(stranger: Foresail) -> None:
    stranger.home = Path("/proc/nowhere")
    terminal = begin(stranger, "emil")
    assert "this session only" in str(terminal.before)
    terminal.sendline("get_queues")
    terminal.expect("emil>")
    terminal.send("\x1b[A")
    terminal.expect("get_queues")
    terminal.sendintr()
    terminal.sendline("exit")
    assert ended(terminal) == 0


@pytest.mark.usefixtures("people")
def test_the_end_of_input_at_a_password_ends_the_question_only(stranger: Foresail) -> None:
    terminal = begin(stranger, "admin")
    terminal.sendline("add_user bob employee")
    terminal.expect("Password of bob: ")
    terminal.waitnoecho()
    terminal.sendeof()
    terminal.expect("error: no password was given")
    terminal.expect("admin>")
    terminal.sendline("exit")
    assert ended(terminal) == 0


@pytest.mark.usefixtures("people")
def test_data_goes_into_a_file_without_the_prompts(stranger: Foresail, tmp_path: Path) -> None:
    file = tmp_path / "queues.txt"
    own = stranger.environment({"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"})
    terminal = pexpect.spawn("bash", ["-c", f"{COMMAND} shell > {file}"], env=own, encoding="utf-8", timeout=50)
    terminal.expect("User: ")
    terminal.sendline("emil")
    terminal.expect("Password: ")
    terminal.waitnoecho()
    terminal.sendline(PASSWORD)
    terminal.expect("emil>")
    terminal.sendline("get_queues")
    terminal.expect("emil>")
    terminal.sendline("exit")
    assert ended(terminal) == 0
    assert file.read_text().startswith("index")
    assert "emil>" not in file.read_text()


@pytest.mark.usefixtures("people")
def test_two_sessions_at_once_may_each_do_what_their_role_says(stranger: Foresail) -> None:
    mia, emil = begin(stranger, "mia"), begin(stranger, "emil")
    emil.sendline("create_queue")
    emil.expect("error: .*role")
    mia.sendline("create_queue")
    mia.expect("created queue 1")
    emil.sendline("add_job 1 5")
    emil.expect("job 1 waits in queue 1")
    emil.sendline("pull_job 1")
    emil.expect("error: .*role")
    mia.sendline("pull_job 1")
    mia.expect("emil")
    for terminal in (mia, emil):
        terminal.sendline("exit")
        assert ended(terminal) == 0


def test_below_nohup_it_outlives_its_terminal(tmp_path: Path) -> None:
    own = Foresail("http://localhost:1", tmp_path).environment()
    with ignored(signal.SIGHUP):
        shell = subprocess.Popen([COMMAND, "shell"], env=own, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    with shell:
        assert shell.stdin is not None
        assert shell.stderr is not None
        assert shell.stderr.read(6) == b"User: "
        assert ignores_hang_ups(shell.pid)
        shell.stdin.close()


def ended_by_signal(terminal: "pexpect.spawn[str]") -> None:
    terminal.expect(pexpect.EOF)
    terminal.close()
