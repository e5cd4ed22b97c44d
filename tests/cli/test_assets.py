"""The short form of assets says what people mean, or is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import assets
from cli.errors import UsageError

INDICES = st.lists(st.integers(0, 10**6), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("0,1,5-9", [0, 1, 5, 6, 7, 8, 9]),
        ("3", [3]),
        ("4-4", [4]),
        (" 1 ; 2,\t3 ,", [1, 2, 3]),
        ("AAPL,MSFT", ["AAPL", "MSFT"]),
        ("BRK-B 1-2", ["BRK-B", 1, 2]),
        ("-1", [-1]),
        ("0.5", ["0.5"]),
        ("true", ["true"]),
    ],
)
def test_what_people_type_is_taken_apart(text: str, meant: list[int | str]) -> None:
    assert assets.parse(text) == meant


@pytest.mark.parametrize(
    ("text", "why"), [("", "no assets"), (" , ", "no assets"), ("9-5", "5-9"), ("0-999999999", "more than")]
)
def test_what_has_no_meaning_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        assets.parse(text)


@given(INDICES, st.sampled_from([",", ";", " ", ", "]))
def test_any_list_of_indices_comes_back_as_it_was(indices: list[int], between: str) -> None:
    assert assets.parse(between.join(map(str, indices))) == indices


@given(st.integers(0, 10**5), st.integers(0, 50))
def test_a_range_has_both_its_ends(first: int, length: int) -> None:
    assert assets.parse(f"{first}-{first + length}") == list(range(first, first + length + 1))


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(UsageError):
        assert assets.parse(text)
