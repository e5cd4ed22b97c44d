"""Many calls of the store in a row, without waiting between them."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from typing import Any, TypeVar

Piece = TypeVar("Piece")
Answer = TypeVar("Answer")


async def overlapping(
    call: Callable[[Piece], Coroutine[Any, Any, Answer]], pieces: Iterable[Piece]
) -> AsyncGenerator[tuple[Piece, Answer], None]:
    """Each piece with its answer, in order; while one is worked on here, the store works on the next.

    When it ends, after a failure too, nothing is under way any more; who may leave it early closes it (`aclosing`).
    """
    under_way: deque[tuple[Piece, asyncio.Task[Answer]]] = deque()
    try:
        for piece in pieces:
            under_way.append((piece, asyncio.create_task(call(piece))))
            await asyncio.sleep(0)  # so that it is sent even where the answer to the one before is there
            if len(under_way) > 1:
                yield await _first(under_way)
        while under_way:
            yield await _first(under_way)
    finally:
        await asyncio.gather(*(task for _, task in under_way), return_exceptions=True)


async def _first(under_way: deque[tuple[Piece, asyncio.Task[Answer]]]) -> tuple[Piece, Answer]:
    piece, task = under_way[0]
    answer = await task
    under_way.popleft()
    return piece, answer
