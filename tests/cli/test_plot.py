"""Forecasts are drawn with their history and both bands, in the terminal's width and as pictures."""

from pathlib import Path

import pytest

from cli.drawing import ticks
from cli.errors import UsageError
from cli.sketch import choose
from tests.api.server import Api
from tests.cli.foresail import Foresail

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine
OWN = {"assets": [0], "dataset": "prices"}


@pytest.fixture
def job(api: Api) -> str:
    answer = api.employee.post("/masterdata/jobs", json={"assets": [3, 5], "horizon": 30, "model": "theta"})
    return str(answer.json()["job"]["id"])


def test_a_pipe_gets_a_drawing_without_colours(employee: Foresail, job: str) -> None:
    answer = employee("plot", job)
    assert "\x1b" not in answer.out
    assert "asset-3 of market: theta, 30 steps ahead" in answer.out
    for part in ("history", "forecast", "80 % interval", "95 % interval", "step", "value", "●", "▒", "░", "320"):
        assert part in answer.out
    assert "--asset chooses another" in answer.err


def test_a_terminal_gets_colours_in_its_width(employee: Foresail, job: str) -> None:
    terminal = employee.terminal("plot", job, "--asset", "asset-5")
    text = terminal.read()
    assert "\x1b[38;5;" in text
    assert "asset-5 of market" in text
    rows = employee.terminal("plot", job, "--asset", "5", NO_COLOR="1").read().splitlines()
    assert max(len(row) for row in rows) == 100
    assert len(rows) <= 30
    assert "\x1b" not in employee.terminal("plot", job, "--asset", "5", TERM="dumb").read()


def test_pictures_are_saved_by_their_suffix(employee: Foresail, job: str, tmp_path: Path) -> None:
    employee("plot", job, "--asset", "5", "--save", str(tmp_path / "a.png"))
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    employee("plot", job, "--save", str(tmp_path / "a.svg"))
    assert "<svg" in (tmp_path / "a.svg").read_text()
    assert "cannot be written" in employee("plot", job, "--save", str(tmp_path / "no" / "a.png"), code=2).err


def test_a_plot_of_nothing_says_so(employee: Foresail, job: str) -> None:
    employee("plot", "99", code=1)
    assert "the job has no asset '4'; it has 3, 5" in employee("plot", job, "--asset", "4", code=2).err


def upload(api: Api, value: int) -> None:
    text, csv = "$\\frac$,$b\n" + f"{value},1\n" * 30, {"Content-Type": "text/csv"}
    assert api.employee.put("/masterdata/datasets/prices", content=text, headers=csv).is_success


def test_a_forecast_is_not_drawn_behind_the_history_of_another_version(employee: Foresail, api: Api) -> None:
    upload(api, 5)
    assert api.employee.post("/masterdata/jobs", json=OWN).is_success
    assert "cannot be shown" not in employee("plot", "1").err
    upload(api, 5000)
    answer = employee("plot", "1")
    assert "the history cannot be shown: the forecast is of version 1 of prices, which is at version 2" in answer.err
    assert "5000" not in answer.out


def test_a_dollar_in_a_name_is_no_mathematics(employee: Foresail, api: Api, tmp_path: Path) -> None:
    upload(api, 5)
    assert api.employee.post("/masterdata/jobs", json=OWN).is_success
    employee("plot", "1", "--save", str(tmp_path / "a.svg"))
    assert "<!-- $\\frac$ of prices" in (tmp_path / "a.svg").read_text()


def test_an_asset_is_chosen_by_index_or_name() -> None:
    forecasts = [{"asset": 3, "name": "AAPL"}, {"asset": 5, "name": "MSFT"}]
    assert choose(forecasts, "5") == choose(forecasts, "MSFT") == forecasts[1]
    assert choose(forecasts, None) == forecasts[0]
    with pytest.raises(UsageError, match="it has 3, 5"):
        choose(forecasts, "4")


def test_an_index_goes_before_a_name_as_where_jobs_are_submitted() -> None:
    forecasts = [{"asset": 1, "name": "2"}, {"asset": 2, "name": "3"}]
    assert choose(forecasts, "2") == choose(forecasts, "3") == forecasts[1]


@pytest.mark.parametrize(
    ("first", "last", "most", "expected"),
    [(200, 309, 7, [200, 220, 240, 260, 280, 300]), (0, 3, 7, [0, 1, 2, 3]), (5, 5, 3, [5]), (7, 24, 4, [10, 15, 20])],
)
def test_ticks_are_round(first: int, last: int, most: int, expected: list[int]) -> None:
    assert ticks(list(range(first, last + 1)), most) == expected
