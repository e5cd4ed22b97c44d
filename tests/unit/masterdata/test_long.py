"""What can be wrong with long data is named with its row, its series and its stamp."""

import pytest

from services.errors import InvalidError, TooLargeError
from services.masterdata.reading.panel import Demands
from services.masterdata.reading.stamps import ACCEPTED
from tests.unit.masterdata.files import csv, faults

GOOD = """unique_id,ds,y
b,2024-01-02,2
a,2024-01-01,10
b,2024-01-01,1
a,2024-01-03,30
a,2024-01-02,20
b,2024-01-03,3
"""


def test_rows_are_sorted_into_a_panel_in_which_series_keep_their_order() -> None:
    panel = csv(GOOD)
    assert (panel.names, panel.values.tolist()) == (("b", "a"), [[1, 2, 3], [10, 20, 30]])
    assert (panel.first, panel.last) == ("2024-01-01", "2024-01-03")
    assert panel.values.flags.c_contiguous


def test_a_gap_is_named_with_its_series_and_stamp() -> None:
    assert faults(GOOD.replace("a,2024-01-02,20\n", "")) == [
        ("series a", "it has no value at 2024-01-02, where another series has one")
    ]


def test_a_stamp_of_one_series_alone_is_a_gap_of_the_others() -> None:
    assert faults(GOOD + "c,2024-01-04,1\n") == [
        ("series b", "it has no value at 2024-01-04, where another series has one"),
        ("series a", "it has no value at 2024-01-04, where another series has one"),
        ("series c", "it has no value at 2024-01-01, where another series has one"),
        ("series c", "it has no value at 2024-01-02, where another series has one"),
        ("series c", "it has no value at 2024-01-03, where another series has one"),
    ]


def test_a_duplicate_is_named_with_both_rows() -> None:
    assert faults(GOOD + "a,2024-01-01T00:00,7\n") == [
        ("row 8, column ds", "series a has 2024-01-01T00:00 in row 3, too")
    ]


def test_cells_are_named_whatever_column_they_are_in() -> None:
    assert faults(GOOD.replace("a,2024-01-01,10", ",2024-01-x,ten")) == [
        ("row 3, column unique_id", "the name of the series is missing"),
        ("row 3, column ds", f"'2024-01-x' is no stamp; {ACCEPTED}"),
        ("row 3, column y", "'ten' is not a number"),
    ]


def test_values_outside_their_bounds_are_named() -> None:
    assert faults(GOOD, Demands(3, 10, 1, bounds=(0.0, 20.0))) == [
        ("row 5, column y", "30 lies outside the bounds 0 to 20")
    ]


def test_too_short_and_too_large_data_is_refused() -> None:
    with pytest.raises(InvalidError, match="the dataset has 3 steps; at least 4 are needed"):
        csv(GOOD, Demands(4, 10, 1))
    with pytest.raises(TooLargeError, match="the dataset has 2 series; at most 1 are taken"):
        csv(GOOD, Demands(3, 1, 1))
    with pytest.raises(TooLargeError, match=r"values take 1\.144 MiB"):
        csv("unique_id,ds,y\n" + "a,1,1\n" * 150_000)
