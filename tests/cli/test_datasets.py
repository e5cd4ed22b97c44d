"""Own data is uploaded from CSV and Parquet, and what is wrong with it is said."""

import os
import threading
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest

from cli.errors import UsageError
from cli.progress import sent
from tests.cli.foresail import Foresail

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine
PRICES = pl.DataFrame({"AAPL": [float(n) for n in range(20)], "MSFT": [float(n % 7) for n in range(20)]})


def test_a_dataset_from_upload_to_forecast(employee: Foresail, tmp_path: Path) -> None:
    PRICES.write_csv(tmp_path / "prices.csv")
    made = employee.json(
        "datasets", "upload", str(tmp_path / "prices.csv"), "--season-length", "7", "--lower", "0", "--upper", "99"
    )
    assert (made["name"], made["series"], made["steps"], made["season_length"]) == ("prices", 2, 20, 7)
    assert made["bounds"] == [0, 99]
    PRICES.write_parquet(tmp_path / "again.parquet")
    assert employee.json("datasets", "upload", str(tmp_path / "again.parquet"), "--name", "prices")["version"] == 2
    assert employee.json("datasets", "show", "prices")["assets"] == ["AAPL", "MSFT"]
    assert "MSFT" in employee("jobs", "submit", "MSFT", "-d", "prices", "-H", "3").out
    employee("datasets", "delete", "prices", "--yes")
    assert [one["name"] for one in employee.json("datasets", "list")] == ["market"]


def test_what_is_wrong_with_data_is_named(employee: Foresail, tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(PRICES.write_csv().replace("\n5.0,", "\nfive,"))
    assert "AAPL" in employee("datasets", "upload", str(file), code=1).err
    assert [one["name"] for one in employee.json("datasets", "list")] == ["market"]


@pytest.mark.parametrize("size", [0, 2, 4])
def test_a_file_that_changes_meanwhile_is_told(size: int) -> None:
    assert b"".join(sent(BytesIO(b"abc"), 3, "prices.csv")) == b"abc"
    with pytest.raises(UsageError, match=r"prices\.csv changed while it was read"):
        list(sent(BytesIO(b"abc"), size, "prices.csv"))


def test_a_pipe_is_no_file_of_data(employee: Foresail, tmp_path: Path) -> None:
    pipe = tmp_path / "prices.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=[PRICES.write_csv()])
    writer.start()
    said = employee("datasets", "upload", str(pipe), code=2).err
    writer.join()
    assert said == "foresail: prices.csv changed while it was read, or is no file: nothing was taken\n"
