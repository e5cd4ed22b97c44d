"""Any line that is typed into the shell has a result or a sentence that says what is wrong, never a traceback."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cli.client import Client
from cli.errors import UsageError
from cli.exits import Exit
from cli.shell import _run
from cli.shell_commands import COMMANDS
from cli.shell_lines import remembered, words
from tests.api.server import PASSWORD, Api

# exit leaves the shell, and start_run follows a run to its end; what they take is parsed like the rest.
NAMES = sorted(COMMANDS.keys() - {"exit"})
ANY_TEXT = st.text(st.characters() | st.sampled_from("\"'\\#=,;- \t\x00\x1b\x7f\u202e\ud800\udcff\n\r"))
NUMBERS = st.integers(-5, 200).map(str) | st.sampled_from(
    ["9" * 5000, "0" * 5000, "٣", "²", "1_000", "1e3", "+1", "-0", "NaN"]
)
WORDS = (
    NUMBERS
    | ANY_TEXT
    | st.sampled_from(
        ["0-3", "3-0", "0-99999999999", "9" * 5000 + "-1", "-", "AAPL", "horizon=3", "model=", "=", "priority=x"]
    )
)
ARGUMENTS = st.lists(WORDS | WORDS.map(lambda word: f"'{word}'") | WORDS.map(lambda word: f'"{word}"'), max_size=5)
LINES = (
    ANY_TEXT
    | st.builds(lambda name, arguments: " ".join([name, *arguments]), st.sampled_from(NAMES), ARGUMENTS)
    | st.builds(lambda line, times: line * times, ANY_TEXT, st.integers(1000, 5000))
)


@pytest.fixture
def client(api: Api) -> Iterator[Client]:
    with Client(api.server.url, api.employee.headers["Authorization"].removeprefix("Bearer ")) as connected:
        yield connected


# The fixture is one connection to a server that any number of lines may be sent to.
@given(line=LINES)
@example(line="add_job " + "9" * 5000)
@example(line="add_job 1-" + "9" * 5000)
@example(line="add_job 0 model=\udcff")
@example(line="create_queue \ud800")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_line_is_answered(client: Client, line: str) -> None:
    assert _run(client, line) in set(Exit)


@given(line=LINES)
def test_any_line_is_taken_apart_or_refused(line: str) -> None:
    try:
        parts = words(line)
    except UsageError as error:
        assert "quotes" in error.message  # noqa: PT017 (either is right)
    else:
        assert all(isinstance(part, str) for part in parts)
    assert isinstance(remembered(line, COMMANDS), str)


@example(lines=[b"add_job \xff", b"create_queue 'a\x00b'", b"\xff\xfe", b"help"])
@given(lines=st.lists(st.binary(max_size=60) | LINES.map(lambda line: line.encode("utf-8", "replace")), max_size=40))
@pytest.mark.parametrize("encoding", ["utf-8:strict", "utf-8:surrogateescape"])
@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_from_a_pipe_are_answered(api: Api, encoding: str, lines: list[bytes]) -> None:
    command = (sys.executable, "-m", "cli.main", "--url", api.server.url, "shell", "--user", "emil")
    assert api.employee.get("/auth").is_success
    typed = b"\n".join([PASSWORD.encode(), *lines, b""])
    done = subprocess.run(
        command, input=typed, capture_output=True, env=os.environ | {"PYTHONIOENCODING": encoding}, check=False
    )
    said = done.stderr.decode(errors="replace")
    assert "Traceback" not in said, said
    assert "this is a bug" not in said, said
    assert done.returncode in set(Exit)
