"""A file that ends or exhausts the process that decodes it leaves the service alone."""

import asyncio
import sys
from pathlib import Path

import polars as pl
import pytest

from services.errors import InvalidError, TooLargeError
from services.masterdata.reading import __main__ as reader
from services.masterdata.reading import process
from services.masterdata.reading.panel import CSV, PARQUET, UNREADABLE, Demands, File, Panel
from tests.unit.masterdata.files import DEMANDS, csv, written

TEXT = "ds,é,b\n2024-01-01,1,4\n2024-01-02,2,5\n2024-01-03,3,6\n"


def child(file: File, demands: Demands = DEMANDS) -> Panel:
    return asyncio.run(process.read(file, demands))


def test_the_child_gives_what_reading_gives() -> None:
    panel, here = child(File(TEXT.encode(), CSV)), csv(TEXT)
    assert (panel.names, panel.first, panel.last) == (here.names, here.first, here.last)
    assert panel.values.tobytes() == here.values.tobytes()
    assert panel.values.shape == (2, 3)


def test_the_child_tells_every_fault() -> None:
    with pytest.raises(InvalidError) as caught:
        child(File(TEXT.replace("4", "").replace("6", "x").encode(), CSV), Demands(3, 10, 1, bounds=(0.0, 9.0)))
    assert [where for where, _ in caught.value.problems] == ["row 2, column b", "row 4, column b"]
    with pytest.raises(TooLargeError, match="at most 1 are taken"):
        child(File(TEXT.encode(), CSV), Demands(3, 1, 1))


def test_a_file_that_ends_its_reader_is_refused() -> None:
    """One damaged offset in 1,369 bytes: polars asks for 2^61 bytes, and its allocator aborts the process."""
    body = Path(__file__).with_name("overflowing.parquet").read_bytes()
    with pytest.raises(InvalidError, match=UNREADABLE):
        child(File(body, PARQUET))


def test_a_file_that_unfolds_to_more_than_its_memory_is_refused() -> None:
    cells = [f"2024-01-0{day}" + " " * 120_000_000 for day in range(1, 4)]
    file = written(pl.DataFrame({"ds": cells, "a": [1.0] * 3}), PARQUET)
    del cells
    assert len(file.body) < 100_000
    with pytest.raises(InvalidError, match=UNREADABLE):
        child(file)


@pytest.mark.parametrize(
    ("told", "allowed_mib"), [("1073741824\n", 512), ("67108864\n", 384), ("99999999999\n", 2560), ("max\n", 2560)]
)
def test_reading_takes_no_more_than_half_of_its_container(tmp_path: Path, told: str, allowed_mib: int) -> None:
    (tmp_path / "memory.max").write_text(told)
    assert reader.allowed(64, tmp_path / "memory.max") == allowed_mib << 20
    assert reader.allowed(64, tmp_path / "none") == 2560 << 20


def test_zones_without_a_name_are_read_and_unknown_ones_named() -> None:
    """pyarrow wrote both: polars writes no such zones."""
    known, unknown = (Path(__file__).with_name(f"{name}_zone.parquet").read_bytes() for name in ("nameless", "unknown"))
    assert child(File(known, PARQUET)).first == "2024-01-01T05:30:00+05:30"
    with pytest.raises(InvalidError, match="column ds: its zone 'Mars/Olympus' is not known; take one such as UTC"):
        child(File(unknown, PARQUET))


def test_a_file_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "SECONDS", 0.001)
    with pytest.raises(InvalidError, match=UNREADABLE):
        child(File(TEXT.encode(), CSV))


def test_the_child_sees_none_of_the_service_s_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORESAIL_AUTH_FIRST_PASSWORD", "hidden from strangers' files")
    answer = asyncio.run(process.run((sys.executable, "-c", "import os; print(sorted(os.environ))"), b""))
    assert answer.status == 0
    assert b"PATH" in answer.stdout
    assert b"FORESAIL" not in answer.stdout
