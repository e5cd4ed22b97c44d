"""Streams that are closed, that nobody reads, that are full, or that cannot carry every letter."""

import subprocess

import pytest

from tests.api.server import Api
from tests.cli.foresail import COMMAND, Answer, Foresail

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine


def shell(person: Foresail, line: str, **more: str) -> Answer:
    """What a line of bash says, in which $F is the command; its exit code is that of the first command."""
    own = person.environment({"F": COMMAND, **more})
    line = f"{line}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], env=own, capture_output=True, check=False, timeout=100)
    answer = Answer(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
    assert "Traceback" not in answer.err, answer.err
    assert "bug" not in answer.err, answer.err
    return answer


@pytest.fixture
def many(api: Api) -> None:
    """More jobs than a pipe holds."""
    api.manager.post("/queueing/queues", json={})
    assert api.manager.post("/queueing/queues/1/jobs", json={"jobs": [{"assets": [0]}] * 1500}).status_code == 201


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "table"])
def test_who_reads_a_part_has_seen_enough(manager: Foresail, form: str) -> None:
    answer = shell(manager, f"$F jobs list --all -o {form} | head -1")
    assert (answer.code, answer.err, len(answer.lines)) == (0, "", 1)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("words", ["jobs list --all -o json", "roles"])
def test_a_full_disk_is_named(manager: Foresail, words: str) -> None:
    answer = shell(manager, f"$F {words} > /dev/full")
    assert (answer.code, answer.err) == (1, "foresail: the output cannot be written: No space left on device\n")


@pytest.mark.parametrize(
    ("line", "code", "err"),
    [
        ("$F roles >&-", 0, ""),
        ("$F jobs show 99 2>&-", 1, ""),
        ("$F login <&-", 2, "User: foresail: nothing was given for 'User': stdin has ended\n"),
        ("$F roles <&- >&- 2>&-", 0, ""),
    ],
)
def test_a_closed_stream_is_an_empty_one(employee: Foresail, line: str, code: int, err: str) -> None:
    assert shell(employee, line) == Answer(code, "", err)


@pytest.mark.parametrize(
    ("words", "code"),
    [("queues create", 0), ("jobs show 99", 1), ("queues create --many", 2), ("login -u mia --password-stdin", 2)],
)
def test_messages_that_nobody_reads_change_nothing(manager: Foresail, words: str, code: int) -> None:
    answer = shell(manager, f"exec 3> >(exec true); wait $!; $F {words} 2>&3 < /dev/null | cat")
    assert answer.code == code


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "ascii:strict"])
def test_a_terminal_that_is_not_utf_8_gets_what_it_can_show(manager: Foresail, api: Api, encoding: str) -> None:
    text, csv = "Ł€,b\n" + "1,2\n" * 30, {"Content-Type": "text/csv"}
    assert api.manager.put("/masterdata/datasets/prices", content=text, headers=csv).is_success
    for form in ("table", "json", "csv"):
        answer = shell(manager, f"$F datasets show prices -o {form}", PYTHONIOENCODING=encoding)
        assert answer.code == 0
        assert "??" in answer.out
