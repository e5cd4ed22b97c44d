"""Pages of lists: ids are read in one step and records in the next, and some may be deleted in between."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Cursor = TypeVar("Cursor")


async def full(
    limit: int, after: Cursor, read: Callable[[Cursor, int], Awaitable[tuple[Sequence[Cursor], Sequence[Item]]]]
) -> list[Item]:
    """A page that is shorter than `limit` only where nothing follows, so that nobody takes it for the last one.

    `read` takes a cursor and how many are wanted; it returns the cursors of so many ids, and the records that exist.
    """
    found: list[Item] = []
    while wanted := limit - len(found):
        cursors, records = await read(after, wanted)
        found += records
        if len(cursors) < wanted:
            break
        after = cursors[-1]
    return found
