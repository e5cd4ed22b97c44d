"""Work in the background goes on whatever happens, and its log tells each trouble once."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress

import pytest

from services.errors import UnavailableError
from services.web import endless

pytestmark = pytest.mark.anyio

AWAY, BUG = UnavailableError("the store is away"), KeyError("no such field")


async def play(outcomes: list[Exception | None]) -> None:
    """Work that ends as told, one outcome after the other, and then is cancelled."""
    left: Iterator[Exception | None] = iter(outcomes)

    async def act() -> None:
        try:
            outcome = next(left)
        except StopIteration:
            raise asyncio.CancelledError from None
        if outcome is not None:
            raise outcome

    with suppress(asyncio.CancelledError):
        await endless.repeat("sweep", act, lambda: asyncio.sleep(0))
    assert next(left, "nothing") == "nothing"


@pytest.mark.parametrize(
    ("outcomes", "levels"),
    [
        ([None, None], []),
        ([AWAY, AWAY, AWAY], [logging.WARNING]),
        ([AWAY, None, AWAY], [logging.WARNING, logging.WARNING]),
        ([BUG, BUG, None], [logging.ERROR]),
        ([AWAY, BUG, AWAY], [logging.WARNING, logging.ERROR, logging.WARNING]),
    ],
)
async def test_it_goes_on_and_tells_each_trouble_once(
    outcomes: list[Exception | None], levels: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    await play(outcomes)
    assert [record.levelno for record in caplog.records] == levels


async def test_a_bug_is_told_with_its_traceback_and_what_is_expected_without(caplog: pytest.LogCaptureFixture) -> None:
    await play([AWAY, BUG])
    expected, bug = caplog.records
    assert expected.getMessage() == "cannot sweep now, and tries again: the store is away"
    assert not expected.exc_info
    assert bug.getMessage() == "cannot sweep now, and tries again: unexpected KeyError: 'no such field'"
    assert bug.exc_info
    assert bug.exc_info[1] is BUG
