"""What comes of a step: its answer, or the kind of its refusal, so that two of them can be compared."""

from collections.abc import Awaitable, Callable
from typing import Any

from services.errors import ForesailError


async def outcome(deed: Awaitable[Any]) -> Any:
    """The answer, or the kind of the refusal."""
    try:
        return await deed
    except ForesailError as error:
        return type(error)


def outcome_of(deed: Callable[[], Any]) -> Any:
    try:
        return deed()
    except ForesailError as error:
        return type(error)
