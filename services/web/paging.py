"""Pages of lists: every list endpoint takes a limit and a cursor and says where the next page starts."""

import re
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from services.errors import InvalidError
from services.store.listing import Place

Item = TypeVar("Item")
Limit = Annotated[int, Query(ge=1, le=1000, description="Most items of the page.")]
_NEXT = "`next` of the page before; empty for the first page."
Cursor = Annotated[str, Query(max_length=200, description=_NEXT)]
_PLACE = r"^([0-9]{1,16}(\.[0-9]{1,16})?:[0-9]{1,16})?$"
# A pattern is only told: whoever reads the cursor refuses in words that say more.
NumberCursor = Annotated[str, Query(description=_NEXT, json_schema_extra={"pattern": "^[0-9]{0,15}$"})]
PlaceCursor = Annotated[str, Query(description=_NEXT, json_schema_extra={"pattern": _PLACE})]


class Page(BaseModel, Generic[Item]):
    """Some items, and the cursor of the page after them; null at the end."""

    items: list[Item]
    next: str | None = None


def number(cursor: str) -> int | None:
    """A cursor that is a number; none for the first page. Raises InvalidError."""
    if not cursor:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 16):
        raise _wrong()
    return int(cursor)


def place(cursor: str) -> Place | None:
    """A cursor that `at` gave; none for the first page. Raises InvalidError."""
    if not cursor:
        return None
    if not re.fullmatch(_PLACE, cursor):
        raise _wrong()
    score, _, job_id = cursor.partition(":")
    return Place(score, int(job_id))


def at(place: Place) -> str:
    """The cursor of the page after a place."""
    return f"{place.score}:{place.job_id}"


def page(items: list[Item], limit: int, cursor: object) -> Page[Item]:
    """The page; a full one has a next one at `cursor`."""
    return Page(items=items, next=str(cursor) if len(items) == limit else None)


def _wrong() -> InvalidError:
    return InvalidError("a cursor is what `next` of the page before said", "query.cursor")
