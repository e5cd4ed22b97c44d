"""A file of jobs becomes the request that the server takes, or an error that names row and column."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.errors import UsageError
from cli.jobs_file import JobsFile, read

JOBS = st.lists(
    st.fixed_dictionaries(
        {"assets": st.lists(st.integers(0, 99), min_size=1, max_size=5)},
        optional={
            "model": st.sampled_from(["ols", "theta"]),
            "horizon": st.integers(1, 366),
            "priority": st.integers(0, 9),
        },
    ),
    min_size=1,
    max_size=20,
)


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_csv_file_leaves_out_what_its_cells_leave_out(tmp_path: Path) -> None:
    path = file(tmp_path, "jobs.csv", 'assets,horizon,model\n"0,1,5-7",20,theta\n8; 9,,\n\nAAPL MSFT,5,\n')
    assert read(path, {"dataset": "prices", "model": "drift"}) == JobsFile(
        path,
        [
            {"dataset": "prices", "assets": [0, 1, 5, 6, 7], "horizon": 20, "model": "theta"},
            {"dataset": "prices", "assets": [8, 9], "model": "drift"},
            {"dataset": "prices", "assets": ["AAPL", "MSFT"], "horizon": 5, "model": "drift"},
        ],
        [2, 3, 5],
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JOBS)
def test_both_kinds_of_file_say_the_same(tmp_path: Path, jobs: list[dict[str, object]]) -> None:
    lines = "\n".join(json.dumps(job) for job in jobs)
    columns = ("assets", "model", "horizon", "priority")
    rows = [",".join(_cell(job.get(name, "")) for name in columns) for job in jobs]
    table = "\n".join([",".join(columns), *rows])
    assert read(file(tmp_path, "jobs.jsonl", lines), {}).jobs == jobs
    assert read(file(tmp_path, "jobs.csv", table), {}).jobs == jobs


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", 'assets,horizon\n"0,1",10\n2,ten\n', r"a\.csv row 3 column 'horizon': 'ten' is no whole number"),
        ("b.csv", "assets,horizonn\n0,10\n", r"b\.csv row 1: 'horizonn' is no field"),
        ("c.csv", "assets,horizon\n0,1,10\n", r"c\.csv row 2: more values than columns"),
        ("d.csv", "dataset\nmarket\n", r"d\.csv row 1: there is no column 'assets'"),
        ("e.csv", "assets\n9-5\n", r"e\.csv row 2 column 'assets': the range '9-5'"),
        ("f.csv", "assets,model\n,ols\n", r"f\.csv row 2 column 'assets': no assets"),
        ("g.csv", 'assets\n"0,1\n', r"g\.csv row 2: "),
        ("h.csv", "assets\n", "holds no jobs"),
        ("i.csv", b"assets\n\xff\n", "not UTF-8"),
        ("j.jsonl", '{"assets": [1]}\n{"assets":\n', r"j\.jsonl row 2: no JSON"),
        ("k.jsonl", "[1]\n", r"k\.jsonl row 1: a job is an object"),
        ("l.jsonl", '{"assets": [1], "asset": 2}\n', r"l\.jsonl row 1: 'asset' is no field"),
        ("m.txt", "0\n", "neither"),
        ("o.csv", "assets,assets\n0,1\n", r"o\.csv row 1: there are two columns 'assets'"),
        ("p.jsonl", '{"assets": ' + "[" * 100_000, r"p\.jsonl row 1: no JSON"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(tmp_path: Path, name: str, content: str | bytes, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        read(file(tmp_path, name, content), {})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.csv cannot be read: No such file"):
        read(tmp_path / "none.csv", {})


def test_the_place_in_a_request_becomes_the_place_in_the_file() -> None:
    jobs = JobsFile(Path("jobs.csv"), [{}, {}], [2, 5])
    assert (
        jobs.located("jobs.1.assets.0: there is no asset 100")
        == "jobs.csv row 5 column 'assets': there is no asset 100"
    )


def test_a_name_that_looks_like_a_place_stays_a_name() -> None:
    jobs = JobsFile(Path("jobs.csv"), [{}], [2])
    for said in ("there is no dataset 'jobs.0.x'", "jobs.7.x: there is no such dataset"):
        assert jobs.located(said) == said


def test_a_line_ends_where_json_lines_says(tmp_path: Path) -> None:
    lines = '{"assets": ["a\u2028b\x85c"]}\r\n{"assets": [1]}\r\n'
    assert read(file(tmp_path, "jobs.jsonl", lines), {}).jobs == [{"assets": ["a\u2028b\x85c"]}, {"assets": [1]}]


def _cell(value: object) -> str:
    return f'"{",".join(map(str, value))}"' if isinstance(value, list) else str(value)
