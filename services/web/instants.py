"""Times in JSON: ISO 8601 in UTC, from the seconds of the records."""

from datetime import UTC, datetime
from typing import overload


@overload
def instant(seconds: float) -> datetime: ...
@overload
def instant(seconds: None) -> None: ...
def instant(seconds: float | None) -> datetime | None:
    """The time as JSON shows it; none stays none."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
