"""Data comes in four forms on stdout, and nothing that a server sends can steer the terminal."""

import csv
import io
import json
import re
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from cli.client import parse_events
from cli.forecasts import number
from cli.output import Column, Output, show, show_one
from cli.tables import fitted
from cli.talk import printable
from tests.api.server import Api
from tests.cli.foresail import Foresail
from tests.cli.others import answering, status

RECORDS: list[dict[str, Any]] = [
    {"id": 1, "name": 'é, "x"', "assets": [0, 1], "gone": None, "extra": {"a": 1}},
    {"id": 2, "name": "\x1b[2Jevil\n", "assets": [], "gone": True},
]
COLUMNS = (Column("id", "id", number=True), Column("name", "name"), Column("assets", "assets"), Column("gone", "gone"))


def test_a_table_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    show(RECORDS, COLUMNS, Output.TABLE)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["id", "name", "assets", "gone"]
    assert lines[2].split() == ["1", "é,", '"x"', "0,1"]
    assert lines[3].split() == ["2", "\N{REPLACEMENT CHARACTER}[2Jevil", "yes"]


def test_json_carries_everything(capsys: pytest.CaptureFixture[str]) -> None:
    show(RECORDS, COLUMNS, Output.JSON)
    assert json.loads(capsys.readouterr().out) == RECORDS
    show(RECORDS, COLUMNS, Output.JSONL)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == RECORDS
    show_one(RECORDS[0], COLUMNS, Output.JSON)
    assert json.loads(capsys.readouterr().out) == RECORDS[0]


def test_csv_carries_everything_by_columns(capsys: pytest.CaptureFixture[str]) -> None:
    show(RECORDS, COLUMNS, Output.CSV)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert rows[0] == {"id": "1", "name": 'é, "x"', "assets": "[0, 1]", "gone": "", "extra": '{"a": 1}'}
    assert rows[1]["extra"] == ""


def test_an_empty_list_has_its_headings(capsys: pytest.CaptureFixture[str]) -> None:
    show([], COLUMNS, Output.TABLE)
    show([], COLUMNS, Output.CSV)
    out = capsys.readouterr().out
    assert out.splitlines()[0].split() == ["id", "name", "assets", "gone"]
    assert out.splitlines()[-1] == "id,name,assets,gone"


def test_control_characters_are_not_printed() -> None:
    assert printable("a\x1b]0;title\x07b\tc\nd") == "a�]0;title�b c d"


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
def test_no_form_of_data_steers_a_terminal(stranger: Foresail, form: str) -> None:
    body = json.dumps({"id": 1, "reason": "Müller\x1b[2J\x9b2J\x7f", "assets": ["\x9d0;title\x07"]}).encode()
    with answering(status(200, body)) as other:
        stranger.url, stranger.token = other.url, "fs_x"
        shown = stranger.terminal("jobs", "show", "1", "-o", form).read()
        assert json.loads(stranger("jobs", "show", "1", "-o", "json").out) == json.loads(body)
    assert "Müller" in shown
    assert set("\x1b\x07\x7f\x9b\x9d").isdisjoint(shown)


@pytest.mark.timeout(240)  # many processes, perhaps on a busy machine
def test_no_heading_and_no_bar_steers_a_terminal(stranger: Foresail) -> None:
    told = '"position": 0, "assets": [], "updated": null'
    states = [f'{{"id": 1, "status": "{one}", {told}}}' for one in ("\\u001b[2J[/b]waits", "done")]
    answers = {"/auth/roles": ['{"chief\\u001b[2J[/b]": ["all"]}'], "/masterdata/jobs/1": states}

    def answer(request: BaseHTTPRequestHandler) -> None:
        left = answers[request.path]
        status(200, (left.pop(0) if len(left) > 1 else left[0]).encode())(request)

    with answering(answer) as other:
        stranger.url, stranger.token = other.url, "fs_x"
        shown = stranger.terminal("roles").read() + stranger.terminal("jobs", "wait", "1").read()
    assert "chief\N{REPLACEMENT CHARACTER}[2J[/b]" in shown
    assert "\N{REPLACEMENT CHARACTER}[2J[/b]waits" in shown
    assert "\x1b[2J" not in shown


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [
        (100_000_123.4, 50, "100000123"),
        (100_000_123.4, 3e7, "1e+08"),
        (1234.5678, 300, "1234.6"),
        (20.0000123, 1e-5, "20.0000123"),
        (100_000_123, 0, "100000123"),
        (1e300, 1e-300, "1e+300"),
        (0, 0, "0"),
        (None, 0, "–"),
    ],
)
def test_a_number_has_the_digits_that_tell_its_interval_apart(value: float | None, width: float, text: str) -> None:
    assert number(value, width) == text


def test_events_are_read_as_their_standard_says() -> None:
    lines = [": keep-alive", "", "event: progress", 'data: {"id": 1}', "", "event: end", "data: {}", ""]
    assert list(parse_events(lines)) == [("progress", {"id": 1}), ("end", {})]


def test_a_table_fits_the_terminal(employee: Foresail) -> None:
    terminal = employee.terminal("datasets", "list")
    text = re.sub(r"\x1b\[[0-9;]*m", "", terminal.read())
    assert "market" in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_a_terminal_too_narrow_for_a_table_gets_a_line_for_each_field(manager: Foresail, api: Api) -> None:
    assert api.manager.post("/queueing/queues", json={"name": "daily"}).is_success
    for width in (61, 60, 28, 20):
        terminal = manager.terminal("queues", "list", width=width)
        lines = [line.split() for line in re.sub(r"\x1b\[[0-9;]*m", "", terminal.read()).splitlines()]
        assert (["name", "daily"] in lines) == (width < 61)
        assert (["claimed", "0"] in lines) == (width < 61)


WORDS = (Column("id", "", number=True), Column("owner", ""), Column("last used", ""), Column("found", ""))
ROWS = [["7", "emil", "2026-11-26 05:12:22", "0.125 of it"], ["123456", "mia", "2026-11-26 05:12:23", "x" * 30]]


@pytest.mark.parametrize(
    ("room", "fit"),
    [
        (999, ([6, 5, 19, 30], 2)),  # nothing needs a second line
        (66, ([6, 5, 19, 30], 2)),
        (60, ([6, 5, 19, 24], 2)),  # the longest has what is left
        (37, ([6, 5, 10, 10], 2)),  # numbers, headings and dates are whole
        (34, ([6, 5, 10, 10], 1)),
        (33, None),
    ],
)
def test_a_table_cuts_no_words_that_are_read_at_a_glance(room: int, fit: tuple[list[int], int] | None) -> None:
    assert fitted(WORDS, ROWS, room) == fit


def test_numbers_and_headings_are_whole_in_a_narrow_terminal(employee: Foresail) -> None:
    employee("jobs", "submit", "0,1")
    text = re.sub(r"\x1b\[[0-9;]*m", "", employee.terminal("jobs", "results", "1", width=80).read())
    assert max(map(len, text.splitlines())) <= 80
    [results] = employee.json("jobs", "results", "1")
    assert {"interval", "naive?", *(number(one["mase"]) for one in results["forecasts"])} < set(text.split())


def test_roles_are_a_table(employee: Foresail) -> None:
    rows = {row["scope"]: row for row in employee.json("roles")}
    assert rows["jobs:own"] == {"scope": "jobs:own", "admin": True, "manager": True, "employee": True}
    assert rows["users"] == {"scope": "users", "admin": True, "manager": False, "employee": False}
