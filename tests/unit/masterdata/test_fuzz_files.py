"""Whatever a file holds, it gives a sound panel or a clear refusal; at worst it ends the child that reads it."""

from collections.abc import Iterator
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.masterdata.reading.panel import CSV, PARQUET, File
from tests.unit.masterdata.files import written
from tests.unit.masterdata.reader import ENDED, PANEL, REFUSED, Reader

DAYS = [date(2024, 1, day) for day in range(1, 10)]
NUMBERS = [float(day) for day in range(9)]
WIDE = pl.DataFrame({"ds": DAYS, "AAPL": NUMBERS, 'the "big", one': NUMBERS[::-1], "c": list(range(9))})
LONG = pl.DataFrame({"unique_id": ["x"] * 9 + ["é"] * 9, "ds": DAYS * 2, "y": NUMBERS * 2})
FRAMES = (
    WIDE,
    LONG,
    WIDE.drop("ds"),
    WIDE.with_columns(pl.col("ds").cast(pl.Datetime("ns")), pl.col("c").cast(pl.Decimal(9, 2))),
    LONG.with_columns(pl.col("unique_id").cast(pl.Categorical), pl.col("ds").cast(pl.String)),
)
TOKENS = (
    b",",
    b'"',
    b"\n",
    b"\r\n",
    b"\0",
    b"\xff",
    b"nan",
    b"-inf",
    b"1e999",
    b"9" * 400,
    b"ds",
    b"\xef\xbb\xbf",
    b";",
)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as running:
        yield running


@st.composite
def mutants(draw: st.DrawFn, media_type: str) -> File:
    """A file that can be read, changed in a few places: bytes, pieces that are cut out, doubled or put in, its end."""
    body = bytearray(written(draw(st.sampled_from(FRAMES)), media_type).body)
    for _ in range(draw(st.integers(1, 4))):
        # The end of a Parquet file describes the rest.
        at = draw(st.integers(0, len(body)) | st.integers(1, 400).map(lambda back: max(0, len(body) - back)))
        piece = body[at : at + draw(st.integers(0, 40))]
        change = draw(st.sampled_from(["bytes", "cut", "double", "token", "end"]))
        if change == "bytes":
            new = draw(st.binary(min_size=1, max_size=4))
            body[at : at + len(new)] = new
        elif change == "end":
            del body[at:]
        else:
            body[at : at + len(piece)] = {"cut": b"", "double": piece * 2, "token": draw(st.sampled_from(TOKENS))}[
                change
            ]
    return File(bytes(body), media_type)


@given(file=mutants(CSV))
def test_a_mutated_csv_file(reader: Reader, file: File) -> None:
    assert reader.outcome(file) in (PANEL, REFUSED)


@given(file=mutants(PARQUET))
def test_a_mutated_parquet_file(reader: Reader, file: File) -> None:
    assert reader.outcome(file) in (PANEL, REFUSED, ENDED)


@given(body=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode()))
def test_random_bytes_as_csv(reader: Reader, body: bytes) -> None:
    assert reader.outcome(File(body, CSV)) in (PANEL, REFUSED)


@given(body=st.binary(max_size=300), framed=st.booleans())
def test_random_bytes_as_parquet(reader: Reader, body: bytes, framed: bool) -> None:
    framing = b"PAR1" if framed else b""
    assert reader.outcome(File(framing + body + framing, PARQUET)) in (REFUSED, ENDED)


@given(st.lists(st.sampled_from(FRAMES), min_size=1, max_size=3), st.sampled_from((CSV, PARQUET)))
def test_the_reader_tells_a_panel_from_a_refusal(reader: Reader, frames: list[pl.DataFrame], media_type: str) -> None:
    for frame in frames:
        assert reader.outcome(written(frame, media_type)) == PANEL
    assert reader.outcome(File(b"PAR1", media_type)) == REFUSED
