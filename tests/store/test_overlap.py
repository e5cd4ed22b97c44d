"""Calls that overlap: in order, one ahead of whoever works on the answers, and none left under way."""

import asyncio
from contextlib import aclosing

import pytest

from services.store.overlap import overlapping

pytestmark = pytest.mark.anyio


class Calls:
    """Notes which calls began and which ended; those from `fails` on raise."""

    def __init__(self, fails: int = 99) -> None:
        self.fails = fails
        self.begun: list[int] = []
        self.ended: list[int] = []

    async def call(self, piece: int) -> int:
        self.begun.append(piece)
        await asyncio.sleep(0)
        self.ended.append(piece)
        if piece >= self.fails:
            raise RuntimeError(f"piece {piece}")
        return piece * piece


@pytest.mark.parametrize("count", [0, 1, 2, 5])
async def test_each_piece_comes_with_its_answer_in_order(count: int) -> None:
    found = [pair async for pair in overlapping(Calls().call, range(count))]
    assert found == [(piece, piece * piece) for piece in range(count)]


async def test_the_next_call_and_no_other_is_under_way_meanwhile() -> None:
    calls = Calls()
    async for piece, _ in overlapping(calls.call, range(5)):
        assert calls.begun == list(range(min(piece + 2, 5)))


async def test_nothing_is_under_way_after_a_failure() -> None:
    calls = Calls(fails=2)
    with pytest.raises(RuntimeError, match="piece 2"):
        async for _ in overlapping(calls.call, range(9)):
            pass
    assert calls.begun == calls.ended == [0, 1, 2, 3]


async def test_nothing_is_under_way_when_it_is_left_early() -> None:
    calls = Calls()
    async with aclosing(overlapping(calls.call, range(9))) as answers:
        async for _ in answers:
            break
    assert calls.begun == calls.ended == [0, 1]


async def test_nothing_is_under_way_after_a_cancellation() -> None:
    calls, before = Calls(), asyncio.all_tasks()

    async def work() -> None:
        async for _ in overlapping(calls.call, range(9)):
            pass

    working = asyncio.create_task(work())
    while not calls.begun:  # noqa: ASYNC110 - it is cancelled in the middle of the first call
        await asyncio.sleep(0)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert asyncio.all_tasks() == before
