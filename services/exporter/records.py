"""Turns hashes of the store into JSON that people can read, and back to exactly the same text.

A value whose exact text cannot be had back from its readable form stays as text, so nothing is ever lost.
"""

import json
from collections.abc import Collection, Mapping

import orjson

from services.store.dump import Fields

Readable = str | int | float | list[object] | None
Record = dict[str, object]
_MOST_DIGITS = 19
"""Of an integer in 64 bits, and of a time in microseconds with room to spare."""
# fmt: off
_NUMBERS = frozenset((
    "created", "updated", "horizon", "priority", "queue", "score", "lease", "run", "size", "attempts", "version",
    "steps", "season_length", "max_attempts", "sequence", "enqueued", "claimed", "completed", "failed",
    "redelivered", "stale", "assets", "processes", "started", "finished", "heartbeat", "jobs_total", "jobs_done",
    "jobs_failed", "assets_total", "assets_done", "stop_requested", "disabled",
))
# fmt: on
"""Fields that are numbers; a queue named 7 keeps a name that is text."""


def readable(fields: Mapping[str, str], lists: Collection[str] = ()) -> Record:
    """The fields of a hash as JSON shows them; those of `lists` hold several values."""
    shown: Record = dict(fields)
    for name, text in fields.items():
        if name in lists:
            shown[name] = _listed(text)
        elif name in _NUMBERS:
            shown[name] = _number(text)
    return shown


def fields_of(record: Mapping[str, object]) -> Fields:
    """The inverse of `readable`; raises ValueError for what no hash holds."""
    return {name: _text(value) for name, value in record.items()}


def _number(text: str) -> Readable:
    if not text.isascii() or len(text) > _MOST_DIGITS:
        return text
    if text.isdigit():
        return number if str(number := int(text)) == text else text
    if text.replace(".", "", 1).isdigit():
        return time if _text(time := float(text)) == text else text
    return text


def _listed(text: str) -> Readable:
    """Integers between commas, or JSON."""
    numbers = text.split(",")
    if all(number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS for number in numbers):
        listed: Readable = [int(number) for number in numbers]
    else:
        listed = _parsed(text)
    return listed if _text(listed) == text else text


def _parsed(text: str) -> Readable:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return value if value is None or isinstance(value, list) else text


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return f"{value:.6f}"  # as the store's scripts write times
    if isinstance(value, list) and value and all(type(item) is int for item in value):
        return ",".join(map(str, value))
    if isinstance(value, list) or value is None:
        return json.dumps(value)
    raise ValueError(f"{value!r} is neither text, nor a number, nor a list")
