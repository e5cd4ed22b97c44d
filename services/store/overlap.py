"""Many calls of the store in a row, without waiting between them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from typing import Any, TypeVar

Piece = TypeVar("Piece")
Answer = TypeVar("Answer")


async def overlapping(
    call: Callable[[Piece], Coroutine[Any, Any, Answer]], pieces: Iterable[Piece]
) -> AsyncIterator[tuple[Piece, Answer]]:
    """Each piece with its answer, in order; while one is worked on here, the store works on the next.

    When it ends, after a failure too, nothing is under way any more.
    """
    following: tuple[Piece, asyncio.Task[Answer]] | None = None
    try:
        for piece in pieces:
            going, following = following, (piece, asyncio.create_task(call(piece)))
            await asyncio.sleep(0)  # so that it is sent even where the answer to the one before is there
            if going is not None:
                yield going[0], await going[1]
        if following is not None:
            yield following[0], await following[1]
    finally:
        if following is not None:
            await asyncio.gather(following[1], return_exceptions=True)
