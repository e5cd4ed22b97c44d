"""Turns hashes of the store into JSON that people can read, and back to exactly the same text.

A value whose exact text cannot be had back from its readable form stays as text, so nothing is ever lost.
"""

import json
from collections.abc import Mapping

import orjson

from services.store.dump import Fields

Readable = str | int | float | list[object] | None
Record = dict[str, object]
# fmt: off
_NUMBERS = frozenset((
    "created", "updated", "horizon", "priority", "queue", "score", "lease", "run", "size", "attempts", "version",
    "steps", "season_length", "max_attempts", "sequence", "enqueued", "claimed", "completed", "failed",
    "redelivered", "stale", "assets", "processes", "started", "finished", "heartbeat", "jobs_total", "jobs_done",
    "jobs_failed", "assets_total", "assets_done", "stop_requested", "disabled",
))
# fmt: on
"""Fields that are numbers; a queue named 7 keeps a name that is text."""
_LISTS = frozenset(("assets", "bounds"))


def readable(fields: Mapping[str, str]) -> Record:
    """The fields of a hash as JSON shows them."""
    return {name: _readable(name, text) for name, text in fields.items()}


def fields_of(record: Mapping[str, object]) -> Fields:
    """The inverse of `readable`; raises ValueError for what no hash holds."""
    return {name: _text(value) for name, value in record.items()}


def _readable(name: str, text: str) -> object:
    for form in _forms(name, text):
        if _text(form) == text:
            return form
    return text


def _forms(name: str, text: str) -> list[Readable]:
    """What the text may mean, the likeliest first."""
    forms: list[Readable] = []
    if name in _NUMBERS and text.isascii() and len(text) < 20:
        forms += [int(text)] if text.isdigit() else []
        forms += [float(text)] if text.replace(".", "", 1).isdigit() else []
    if name in _LISTS and text.replace(",", "").isdigit() and text.isascii():
        forms.append([int(number) for number in text.split(",") if number])
    elif name in _LISTS and text.startswith(("[", "n")):
        forms += _parsed(text)
    return forms


def _parsed(text: str) -> list[Readable]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return []
    return [value] if value is None or isinstance(value, list) else []


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
