"""Any valid panel that polars writes, in either shape and either format, reads back bit for bit."""

import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.errors import InvalidError, TooLargeError
from services.masterdata.reading.csv_file import _FRACTION
from services.masterdata.reading.panel import CSV, PARQUET, File
from services.masterdata.reading.read import read
from services.masterdata.reading.wide import STAMP_NAMES
from tests.unit.masterdata.files import DEMANDS, written

EITHER = pytest.mark.parametrize("media_type", [CSV, PARQUET])
LETTERS = st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.sampled_from(" ,\"'éß")
RESERVED = {"unique_id", *STAMP_NAMES}
NAMES = (
    st.text(LETTERS, min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda name: name.lower() not in RESERVED and not _FRACTION.fullmatch(name))
)
NUMBERS = st.floats(-1e149, 1e149).filter(lambda number: number == 0 or abs(number) >= 1e-150)
SPACINGS = st.lists(st.integers(1, 40), min_size=3, max_size=9)
FUZZ = settings(max_examples=50, deadline=None)
Moments = Sequence[date] | Sequence[int]


@dataclass
class Content:
    """What a file is to say."""

    names: list[str]
    stamps: Moments
    values: list[list[float]]

    def bits(self) -> bytes:
        return np.array(self.values, dtype="<f8").tobytes()

    def first_and_last(self) -> tuple[str, str]:
        ends = [self.stamps[0], self.stamps[-1]]
        first, last = (end.isoformat() if isinstance(end, date) else str(end) for end in ends)
        return first, last


@st.composite
def contents(draw: st.DrawFn) -> Content:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    steps = np.cumsum(draw(SPACINGS)).tolist()
    stamps: dict[str, Moments] = {
        "dates": [date(2023, 12, 1) + timedelta(days) for days in steps],
        "datetimes": [datetime(2023, 12, 1, 9) + timedelta(minutes=minutes) for minutes in steps],  # noqa: DTZ001
        "numbers": [number - 100 for number in steps],
    }
    values = [draw(st.lists(NUMBERS, min_size=len(steps), max_size=len(steps))) for _ in names]
    return Content(names, stamps[draw(st.sampled_from(list(stamps)))], values)


@EITHER
@given(content=contents(), stamp_name=st.sampled_from(["ds", "Date", "timestamp"]))
@FUZZ
def test_wide_data_reads_back(media_type: str, content: Content, stamp_name: str) -> None:
    columns = dict(zip(content.names, content.values, strict=True))
    panel = read(written(pl.DataFrame({stamp_name: content.stamps} | columns), media_type), DEMANDS)
    assert (panel.names, panel.values.tobytes()) == (tuple(content.names), content.bits())
    assert same(panel.first, panel.last, content)


@EITHER
@given(content=contents())
@FUZZ
def test_wide_data_without_stamps_reads_back(media_type: str, content: Content) -> None:
    assume(len(content.names) > 1)
    columns = dict(zip(content.names, content.values, strict=True))
    panel = read(written(pl.DataFrame(columns), media_type), DEMANDS)
    assert (panel.names, panel.values.tobytes()) == (tuple(content.names), content.bits())
    assert (panel.first, panel.last) == ("", "")


@EITHER
@given(content=contents(), seed=st.integers(0, 2**32), order=st.permutations(["unique_id", "ds", "y"]))
@FUZZ
def test_long_data_reads_back_from_any_order(media_type: str, content: Content, seed: int, order: list[str]) -> None:
    rows = [
        (name, stamp, value)
        for name, series in zip(content.names, content.values, strict=True)
        for stamp, value in zip(content.stamps, series, strict=True)
    ]
    random.Random(seed).shuffle(rows)
    frame = pl.DataFrame(rows, schema=["unique_id", "ds", "y"], orient="row").select(order)
    panel = read(written(frame, media_type), DEMANDS)
    assert panel.names == tuple(dict.fromkeys(name for name, _, _ in rows))
    given_order = [content.names.index(name) for name in panel.names]
    assert panel.values.tobytes() == np.array(content.values)[given_order].tobytes()
    assert same(panel.first, panel.last, content)


@given(body=st.binary(max_size=200) | st.text('ab12,."\n\r;-:T é\0', max_size=80).map(str.encode))
@settings(max_examples=400, deadline=None)
def test_no_bytes_give_anything_but_a_panel_or_a_clear_refusal(body: bytes) -> None:
    with suppress(InvalidError, TooLargeError):
        panel = read(File(body, CSV), DEMANDS)
        assert np.isfinite(panel.values).all()
        assert panel.values.shape[0] == len(panel.names)


def same(first: str, last: str, content: Content) -> bool:
    """Whether these are the content's ends; polars writes datetimes with a fraction of a second."""
    if isinstance(content.stamps[0], datetime):
        return tuple(datetime.fromisoformat(end) for end in (first, last)) == (content.stamps[0], content.stamps[-1])
    return (first, last) == content.first_and_last()
