"""What can be wrong with wide data is named with its row and column, and nothing that is wrong passes."""

import pytest

from services.errors import InvalidError, TooLargeError
from services.masterdata.reading.faults import MOST_FAULTS
from services.masterdata.reading.panel import Demands
from tests.unit.masterdata.files import DEMANDS, csv, faults

GOOD = "ds,AAPL,MSFT\n2024-01-05,1,10\n2024-01-08,2,20\n2024-01-09,3,30\n"


def test_a_weekend_is_no_gap() -> None:
    panel = csv(GOOD)
    assert panel.names == ("AAPL", "MSFT")
    assert panel.values.tolist() == [[1, 2, 3], [10, 20, 30]]
    assert (panel.first, panel.last) == ("2024-01-05", "2024-01-09")
    assert panel.values.flags.c_contiguous


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("", "the cell is empty; every series needs a value at every step"),
        ("abc", "'abc' is not a number"),
        ('"2,5"', "'2,5' has a decimal comma; write numbers with a point"),
        ("NaN", "NaN is not a finite number"),
        ("-inf", "-inf is not a finite number"),
        ("1e999", "1e999 is not a finite number"),
        ("1e200", "1e+200 is too large; numbers are below 1e+150 in size"),
        ("-1e-151", "-1e-151 is too small; numbers other than 0 are at least 1e-150 in size"),
        ("5e-324", "4.94066e-324 is too small; numbers other than 0 are at least 1e-150 in size"),
        ("0x10", "'0x10' is not a number"),
        ("x" * 200, f"'{'x' * 40}…' is not a number"),
    ],
)
def test_a_cell_that_is_no_number_is_named(cell: str, why: str) -> None:
    assert faults(GOOD.replace(",20", f",{cell}")) == [("row 3, column MSFT", why)]


def test_nought_and_the_smallest_number_are_read() -> None:
    panel = csv(GOOD.replace(",20", ",1e-150").replace(",30", ",-0.0"))
    assert panel.values[1].tolist() == [10, 1e-150, 0]


def test_numbers_may_stand_between_spaces() -> None:
    assert csv(GOOD.replace(",", " , ")).values.tolist() == csv(GOOD).values.tolist()


def test_all_faults_are_told_at_once_in_the_order_of_rows() -> None:
    text = "ds,a,b\n2024-01-01,,2\n2024-13-01,1,x\n2024-01-03,y,3\n"
    assert [where for where, _ in faults(text)] == [
        "row 3, column ds",
        "row 2, column a",
        "row 3, column b",
        "row 4, column a",
    ]


def test_the_list_of_faults_ends() -> None:
    with pytest.raises(InvalidError, match=r"\(and 19 more or still more\)$") as caught:
        csv("ds,a\n" + "".join(f"{step},\n" for step in range(100)))
    assert len(caught.value.problems) == MOST_FAULTS


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        ("1 2 2", [("row 4, column ds", "2 is in row 3, too")]),
        ("1 3 2", [("row 4, column ds", "2 stands below 3; stamps have to grow")]),
        ("5 6 7 5 8", [("row 5, column ds", "5 is in row 2, too")]),
        (
            "2024-01-02 2024-01-03 2024-01-01T00:00",
            [("row 4, column ds", "2024-01-01T00:00 stands below 2024-01-03; stamps have to grow")],
        ),
        ("2024-01-01 2024-01-02 2024-01-02T00:00Z", [("row 4, column ds", "2024-01-02T00:00Z is in row 3, too")]),
    ],
)
def test_stamps_grow(stamps: str, expected: list[tuple[str, str]]) -> None:
    assert faults("ds,a\n" + "".join(f"{stamp},1\n" for stamp in stamps.split())) == expected


@pytest.mark.parametrize("stamp", ["2024-02-30", "03/04/2024", "1.5", "2024-01-01T25:00", "yesterday"])
def test_what_is_no_stamp_is_named(stamp: str) -> None:
    [(where, why)] = faults(GOOD.replace("2024-01-08", stamp))
    assert where == "row 3, column ds"
    assert why.startswith(f"'{stamp}' is no stamp; stamps are ISO dates (2024-01-31)")


def test_a_missing_stamp_is_named() -> None:
    assert faults(GOOD.replace("2024-01-08", "")) == [("row 3, column ds", "the stamp is missing")]


@pytest.mark.parametrize(
    "stamps",
    [
        "2023-11 2023-12 2024-01",
        "2024-01-01 2024-01-02 2024-02-01",
        "2024-01-01T09:30 2024-01-01T09:31 2024-01-01T10:00",
        "2024-01-01T09:30:00 2024-01-01T09:30:00.25 2024-01-01T09:30:01",
        "2024-01-01T12:00Z 2024-01-01T12:30+00:00 2024-01-01T10:00:00-05:00",
        "2024-01-01T00:00:00+00 2024-01-01T01:00:00.5+00 2024-01-01T00:00:00-02",
        "2024-01-01T00:00:00.000000001 2024-01-01T00:00:00.000000002 2024-01-01T00:00:00.000000003Z",
    ],
)
@pytest.mark.parametrize("name", ["ds", "Date", "", "anything"])
def test_stamps_of_every_kind_are_kept_as_they_were_written(stamps: str, name: str) -> None:
    written = stamps.split()
    panel = csv(f"{name},a\n" + "".join(f"{stamp},1\n" for stamp in written))
    assert panel.names == ("a",)
    assert (panel.first, panel.last) == (written[0], written[-1])


def test_whole_numbers_are_stamps_by_their_name_only() -> None:
    rows = "-1,1\n0,1\n12,1\n"
    assert (csv(f"ds,a\n{rows}").names, csv(f"ds,a\n{rows}").last) == (("a",), "12")
    assert csv(f"anything,a\n{rows}").names == ("anything", "a")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("ds,a,a", ("column 3", "the name 'a' is column 2's, too")),
        ("ds,a, a ", ("column 3", "the name 'a' is column 2's, too")),
        ("ds,a,", ("column 3", "the name of the series is missing")),
        (f"ds,a,{'x' * 129}", ("column 3", f"the name '{'x' * 40}…' is longer than 128 characters")),
        ("ds,a,b\x07", ("column 3", "the name 'b\\x07' has characters that cannot be printed")),
    ],
)
def test_names_are_there_once_and_readable(header: str, expected: tuple[str, str]) -> None:
    assert faults(GOOD.replace("ds,AAPL,MSFT", header)) == [expected]


def test_values_outside_their_bounds_are_named() -> None:
    bounded = Demands(3, 1000, 1, bounds=(0.0, 25.0))
    assert faults(GOOD, bounded) == [("row 4, column MSFT", "30 lies outside the bounds 0 to 25")]
    assert csv(GOOD, Demands(3, 1000, 1, bounds=(1.0, 30.0))).names == ("AAPL", "MSFT")


def test_too_short_and_too_large_data_is_refused_with_both_numbers() -> None:
    with pytest.raises(InvalidError, match="the dataset has 3 steps; at least 4 are needed"):
        csv(GOOD, Demands(4, 1000, 1))
    with pytest.raises(TooLargeError, match="the dataset has 2 series; at most 1 are taken"):
        csv(GOOD, Demands(3, 1, 1))
    with pytest.raises(InvalidError, match="the file has no series"):
        csv("ds\n1\n2\n3\n")


def test_a_file_that_unfolds_is_refused_before_it_is_decoded() -> None:
    columns, lines = 1000, 200
    text = ",".join(f"c{column}" for column in range(columns)) + "\n" * lines + "1"
    with pytest.raises(TooLargeError, match=r"the dataset's values take 1\.524 MiB \(8 bytes each\); at most 1 MiB"):
        csv(text, DEMANDS)
