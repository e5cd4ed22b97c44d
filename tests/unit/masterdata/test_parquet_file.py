"""Parquet: the column types that are numbers or stamps are read, the others are named."""

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest

from services.errors import InvalidError, TooLargeError
from services.masterdata.reading.panel import PARQUET, Demands, File
from services.masterdata.reading.read import read
from tests.unit.masterdata.files import DEMANDS, parquet

DAYS = [date(2024, 1, day) for day in (1, 2, 4)]
ONES = [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    "values",
    [
        pl.Series(ONES, dtype=pl.Float32),
        pl.Series([1, 2, 3], dtype=pl.Int8),
        pl.Series([1, 2, 3], dtype=pl.UInt64),
        pl.Series([Decimal("1.00"), Decimal("2.00"), Decimal("3.00")]),
        pl.Series(["1", " 2", "3e0"]),
    ],
)
def test_numbers_of_every_type_are_read(values: pl.Series) -> None:
    panel = parquet({"ds": DAYS, "a": values, "b": ONES})
    assert (panel.names, panel.values.tolist()) == (("a", "b"), [ONES, ONES])


@pytest.mark.parametrize(
    ("stamps", "ends"),
    [
        (pl.Series(DAYS), ("2024-01-01", "2024-01-04")),
        (pl.Series([3, 4, 9]), ("3", "9")),
        (
            pl.Series(["a", "b", "c"]).replace_strict({"a": "2024-01", "b": "2024-02", "c": "2024-03"}),
            ("2024-01", "2024-03"),
        ),
        (pl.Series(["2024", "2025", "2026"], dtype=pl.Categorical), ("2024", "2026")),
        (
            pl.Series([datetime(2024, 1, 1, hour, tzinfo=UTC) for hour in (1, 2, 3)]),
            ("2024-01-01T01:00:00+00:00", "2024-01-01T03:00:00+00:00"),
        ),
        (pl.Series(DAYS).cast(pl.Datetime("ns")), ("2024-01-01T00:00:00", "2024-01-04T00:00:00")),
    ],
)
def test_stamps_of_every_type_are_read(stamps: pl.Series, ends: tuple[str, str]) -> None:
    panel = parquet({"ds": stamps, "a": ONES})
    assert (panel.first, panel.last) == ends


def test_the_only_column_of_moments_is_that_of_the_stamps_wherever_it_is() -> None:
    """pandas writes its index last."""
    panel = parquet({"a": ONES, "b": ONES, "__index_level_0__": DAYS})
    assert (panel.names, panel.first, panel.last) == (("a", "b"), "2024-01-01", "2024-01-04")
    with pytest.raises(InvalidError, match="row 2, column when: 2024-01-01 is in row 1, too"):
        parquet({"a": ONES, "when": [DAYS[0], DAYS[0], DAYS[1]], "b": ONES})


def test_long_ids_may_be_categories_or_numbers() -> None:
    categories = pl.Series(["x"] * 3 + ["w"] * 3, dtype=pl.Categorical)
    for ids, names in ((categories, ("x", "w")), (pl.Series([7] * 3 + [3] * 3), ("7", "3"))):
        assert parquet({"unique_id": ids, "ds": [1, 2, 3] * 2, "y": ONES * 2}).names == names


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"ds": DAYS, "a": [True, False, True]}, "column a: it holds Boolean, not numbers"),
        ({"ds": DAYS, "a": DAYS}, "column a: it holds Date, not numbers"),
        ({"ds": DAYS, "a": [[1.0], [2.0], [3.0]]}, "column a holds List(Float64), not numbers"),
        ({"ds": [1.5, 2.5, 3.5], "a": ONES}, "column ds: it holds Float64; stamps are ISO dates"),
        ({"unique_id": [1.5] * 3, "ds": DAYS, "y": ONES}, "column unique_id: it holds Float64, not names"),
        ({"ds": DAYS, "a": [1.0, None, 3.0]}, "row 2, column a: the cell is empty"),
        ({"ds": DAYS, "a": [1.0, float("nan"), 3.0]}, "row 2, column a: nan is not a finite number"),
        ({"ds": [DAYS[0], None, DAYS[2]], "a": ONES}, "row 2, column ds: the stamp is missing"),
        (
            {"ds": pl.Series([1, 2, 2**30]).cast(pl.Date), "a": ONES},
            "row 3, column ds: the stamp lies outside the years",
        ),
        (
            {"ds": pl.Series([-(2**62), 1, 2]).cast(pl.Datetime("ms")), "a": ONES},
            "row 1, column ds: the stamp lies outside the years 1 to 9999",
        ),
        ({"ds": [None] * 3, "a": ONES}, "row 1, column ds: the stamp is missing"),
        ({"a": [None] * 3, "b": ONES}, "row 1, column a: the cell is empty"),
        ({}, "the file cannot be read as Parquet: it has no columns"),
    ],
)
def test_what_cannot_be_read_is_named(columns: dict[str, list[object] | pl.Series], why: str) -> None:
    with pytest.raises(InvalidError) as caught:
        parquet(columns)
    assert caught.value.detail.startswith(why)


def test_a_file_that_unfolds_is_refused_before_it_is_decoded() -> None:
    constant = {f"c{column}": pl.repeat(0.0, 1_000_000, eager=True) for column in range(3)}
    with pytest.raises(TooLargeError, match=r"values take 22\.89 MiB"):
        parquet({"ds": pl.int_range(1_000_000, eager=True)} | constant, Demands(3, 10, 20))


@pytest.mark.parametrize("body", [b"", b"ds,a\n1,2\n", b"PAR1", b"PAR1" + bytes(40) + b"PAR1"])
def test_what_is_no_parquet_file_says_so(body: bytes) -> None:
    with pytest.raises(InvalidError, match="the file cannot be read as Parquet"):
        read(File(body, PARQUET), DEMANDS)
