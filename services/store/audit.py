"""The trail of who did what: the newest entries, in a stream that is capped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.store import keys
from services.store.connection import Store
from services.store.records import text_hash

_PIECE = 500
"""Entries read by one command."""
_MOST_LOOKED_AT = 5000
"""Entries that one page looks at: a filter that matches hardly anything must not make a request long."""


class Action(StrEnum):
    """What leaves an entry in the trail."""

    LOGIN = "login"
    LOGOUT = "logout"
    TOKEN_END = "token.end"  # noqa: S105 (a word, no password)
    USER_CREATE = "user.create"
    USER_CHANGE = "user.change"
    USER_DELETE = "user.delete"
    JOB_DELETE = "job.delete"
    QUEUE_DELETE = "queue.delete"
    QUEUE_PURGE = "queue.purge"
    RUN_START = "run.start"
    RUN_STOP = "run.stop"
    DATASET_PUT = "dataset.put"
    DATASET_DELETE = "dataset.delete"
    ACCESS = "access"
    """Anything else that a role was refused."""


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    DENIED = "denied"
    """No valid token or password, too many wrong ones, or not this role's business."""
    REFUSED = "refused"
    """Wrong input, no such thing, or not in this state."""
    FAILED = "failed"
    """Through no fault of the subject's."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what to which thing, from where, and how it ended."""

    subject: str
    """A user's name; empty where nobody knows who it was."""
    action: Action
    target: str
    outcome: Outcome
    client: str
    """The address from which the request came."""
    request_id: str
    detail: str = ""
    id: str = ""
    """The store's, once it is kept; the milliseconds since the epoch come first in it."""

    @property
    def time(self) -> float:
        """When it was kept."""
        return int(self.id.partition("-")[0]) / 1000


async def keep(store: Store, entry: Entry, most: int) -> None:
    """Append an entry; the oldest go when there are more than about `most`."""
    fields = ("subject", "action", "target", "outcome", "client", "request_id", "detail")
    words = [word for name in fields for word in (name, getattr(entry, name))]
    await store.call("keep_entry", most, *words)


async def page(store: Store, before: str, limit: int, wanted: Callable[[Entry], bool]) -> tuple[list[Entry], str]:
    """The newest entries before the id `before` ('' for all) that are wanted, and the id after which to go on.

    That id is empty at the end. A page may be short, or empty, with more to come: it looks at so many entries only.
    """
    if before and not before.strip("0-"):
        return [], ""  # nothing is before 0-0, and the store refuses to look there
    found: list[Entry] = []
    place, looked_at = before, 0
    while looked_at < _MOST_LOOKED_AT:
        newest = f"({place}" if place else "+"
        raw = await store.command("XREVRANGE", keys.AUDIT, newest, "-", "COUNT", _PIECE)
        for entry_id, flat in raw:
            place = entry_id.decode()
            entry = _entry(place, flat)
            if wanted(entry):
                found.append(entry)
            if len(found) == limit:
                return found, place
        if len(raw) < _PIECE:
            return found, ""
        looked_at += len(raw)
    return found, place


def _entry(entry_id: str, flat: Sequence[bytes]) -> Entry:
    fields = text_hash(flat)
    action, outcome = Action(fields.pop("action")), Outcome(fields.pop("outcome"))
    return Entry(id=entry_id, action=action, outcome=outcome, **fields)
