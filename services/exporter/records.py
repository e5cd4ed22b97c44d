"""Turns hashes of the store into JSON that people can read, and back to exactly the same text.

A value whose exact text cannot be had back from its readable form stays as text, so nothing is ever lost.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import orjson

from services.store.dump import Fields

Readable = str | int | float | list[object] | None
Record = dict[str, object]
_MOST_DIGITS = 19
"""Of an integer in 64 bits, and of a time in microseconds with room to spare."""
_PLAIN_NUMBER = re.compile(rb"0|[1-9][0-9]{0,17}")
_PLAIN_LIST = re.compile(rb"(?:0|[1-9][0-9]{0,17})(?:,(?:0|[1-9][0-9]{0,17}))*")
"""What needs nothing but brackets to be JSON."""
_MOST_KNOWN = 8192
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


def job_line(job_id: int, flat: Sequence[bytes]) -> bytes:
    """A job as one line of JSON, its fields and values given in turn: `readable`, a million times over."""
    shown = map(_known.__getitem__, zip(flat[::2], flat[1::2], strict=True))
    return b'{"id":%d,%b}' % (job_id, b",".join(shown))


class _Known(dict[tuple[bytes, bytes], bytes]):
    """By field and value, the JSON of both. Few values are a job's alone; the others are turned into JSON once."""

    def __missing__(self, field: tuple[bytes, bytes]) -> bytes:
        name, value = field
        if name == b"assets" and _PLAIN_LIST.fullmatch(value):
            return b'"assets":[%b]' % value
        if name == b"score" and _PLAIN_NUMBER.fullmatch(value):
            return b'"score":%b' % value
        if len(self) == _MOST_KNOWN:
            self.clear()
        shown = self[field] = _shown(name, value)
        return shown


_known = _Known()


def _shown(name: bytes, value: bytes) -> bytes:
    return orjson.dumps(readable({name.decode(): value.decode()}, ("assets",)))[1:-1]


def named(word: str, page: Iterable[tuple[int | str, Fields]], lists: Collection[str] = ()) -> Iterator[Record]:
    """Records of a page of hashes, each with its name first."""
    return ({word: name, **readable(fields, lists)} for name, fields in page)


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
