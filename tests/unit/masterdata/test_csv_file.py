"""What is no CSV file says why, and on which line."""

import pytest

from services.errors import InvalidError
from services.masterdata.reading.panel import CSV, File
from services.masterdata.reading.read import read
from tests.unit.masterdata.files import DEMANDS, csv

GOOD = b"ds,a,b\n1,1,1\n2,2,2\n3,3,3\n"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "the file is empty; it needs a header and one row for each step"),
        (b" \n\n", "the file is empty; it needs a header and one row for each step"),
        (b"ds,a,b", "the file ends after its header, in row 1"),
        (b"ds,a,b\n\n", "the file ends after its header, in row 1"),
        (b"\n" + GOOD, "row 1 is empty; it has to name the columns"),
        (GOOD.replace(b"2,2,2", b"2,\xff,2"), "row 3 is not valid UTF-8 (byte 0xff)"),
        (GOOD.decode().encode("utf-16"), "the file is UTF-16; save it as UTF-8"),
        (GOOD.replace(b",", b";"), "row 1 has one column: cells are separated by commas here, not by ';'"),
        (GOOD.replace(b",", b"\t"), "row 1 has one column: cells are separated by commas here, not by '\\t'"),
        (GOOD.replace(b"\n", b"\r"), "the file's lines end with CR alone; save it with LF or CRLF line ends"),
        (b"2024-01-01,1.5\n" + GOOD, "row 1 holds numbers such as 1.5; it has to name the columns"),
        (GOOD.replace(b"2,2,2", b"2,2,5,2"), "row 3 has 4 cells, the last of them '2', and the header has 3"),
        (GOOD.replace(b"1,1,1", b"1,1,5,1"), "row 2 has 4 cells, the last of them '1', and the header has 3"),
        (GOOD.replace(b"2,2,2", b'2,"2"x,2'), "row 3 cannot be read: "),
        (GOOD.replace(b"3,3,3", b'3,"3,3'), "row 4 cannot be read: "),
        (
            GOOD.replace(b"2,2,2", b'2" pipe,2,2'),
            "row 3 has a quote without its other: within a cell in quotes, quotes",
        ),
        (b'"' + GOOD, "row 1 is no header of a CSV file: "),
        (b"ds,unique_id,a\n1,x,2\n", "long data has exactly the columns unique_id, ds, y; this has ds, unique_id, a"),
    ],
)
def test_the_reason_is_told(body: bytes, why: str) -> None:
    with pytest.raises(InvalidError) as caught:
        read(File(body, CSV), DEMANDS)
    assert caught.value.detail.startswith(why)


@pytest.mark.parametrize(
    "text",
    [
        GOOD.decode(),
        "\ufeff" + GOOD.decode(),
        GOOD.decode().replace("\n", "\r\n"),
        GOOD.decode() + "\n\r\n",
        GOOD.decode().rstrip(),
        'ds,"a","b"\n"1","1",1\n2,2,2\n3,3,"3"',
        "ds , a , b\n 1 , 1 , 1 \n2,2,2\n3,3,3",
    ],
)
def test_habits_of_programs_that_write_csv_do_no_harm(text: str) -> None:
    panel = csv(text)
    assert (panel.names, panel.values.tolist()) == (("a", "b"), [[1, 2, 3], [1, 2, 3]])


def test_a_column_of_stamps_makes_a_header_of_numbers() -> None:
    assert csv("ds,0.5,1.5\n1,1,1\n2,2,2\n3,3,3").names == ("0.5", "1.5")


def test_names_may_hold_commas_and_quotes() -> None:
    assert csv('ds,"Smith, Jones","the ""big"" one"\n1,1,1\n2,2,2\n3,3,3').names == ("Smith, Jones", 'the "big" one')
