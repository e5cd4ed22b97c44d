"""The trail of who did what: an endpoint says in its signature under which action its requests are on record.

Each is one line of the log and one entry in the store, both before it is answered.
"""

import logging
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from fastapi import Depends, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.errors import UnavailableError
from services.store import audit
from services.store.audit import Action, Entry, Outcome
from services.web import logs
from services.web.service import Context

_LONGEST = 100
_log = logging.getLogger(logs.AUDIT)


class Note:
    """What goes on record for one request; an endpoint adds what its path does not say."""

    def __init__(self, action: Action, target: str) -> None:
        self.action = action
        self.target = target
        self.subject = ""
        self.detail = ""


class Audited:
    """A dependency that puts a request on record. It comes before the subject, so that refusals are on record too."""

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self, request: Request) -> Note:
        """The note of the request, about the thing that its path names."""
        note = request.state.note = Note(self.action, ", ".join(map(str, request.path_params.values())))
        return note


def audited(action: Action) -> Any:
    """What annotates a note of an endpoint, or stands among the dependencies of one that has nothing to add."""
    return Depends(Audited(action))


class Trail:
    """Middleware that writes the notes down, and a note for each request that a role was refused."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                await _record(scope, message["status"])
            await send(message)

        try:
            await self.app(scope, receive, tell)
        except BaseException:  # the service's end cuts off what takes too long
            await _record(scope, HTTPStatus.INTERNAL_SERVER_ERROR)
            raise


async def write(context: Context, entry: Entry, *, stored: bool = True) -> None:
    """Log an entry, and keep it in the store if that can be; never fails for want of the store."""
    if stored:
        try:
            await audit.keep(context.store, entry, context.settings.store.audit_entries)
        except UnavailableError as error:
            _log.warning("the next line is in the log alone: %s", error.detail)
    fields = {name: value for name, value in asdict(entry).items() if value}
    words = " ".join(word for word in (entry.subject or "somebody", entry.action, entry.target) if word)
    _log.info("%s: %s", words, entry.outcome, extra={"audit": fields})


async def _record(scope: Scope, status: int) -> None:
    state = scope.get("state", {})
    note: Note | None = state.pop("note", None)
    if note is None:
        if status != HTTPStatus.FORBIDDEN:
            return
        note = Note(Action.ACCESS, f"{scope['method']} {scope['path']}")
    subject = state.get("subject") or note.subject
    client = scope["client"][0] if scope.get("client") else ""  # a proxy's word, so it may be anything
    target, detail, client = _clean(note.target), _clean(note.detail), _clean(client)
    entry = Entry(subject, note.action, target, _outcome(status), client, logs.request_id.get(), detail)
    await write(scope["app"].state.context, entry, stored=_is_stored(entry, status))


def _is_stored(entry: Entry, status: int) -> bool:
    """Whoever has no token must not be able to flood the older entries out; wrong passwords are limited anyway."""
    guessed = entry.action is Action.LOGIN and status == HTTPStatus.UNAUTHORIZED
    known = entry.subject != "" and status != HTTPStatus.TOO_MANY_REQUESTS
    # Without a store there is no use in waiting for it once more.
    return (guessed or known) and status != HTTPStatus.SERVICE_UNAVAILABLE


def _outcome(status: int) -> Outcome:
    if status < HTTPStatus.BAD_REQUEST:
        return Outcome.DONE
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Outcome.FAILED
    denials = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)
    return Outcome.DENIED if status in denials else Outcome.REFUSED


def _clean(text: str) -> str:
    """What a client sent, fit for a line of a terminal and without any token."""
    printable = "".join(character if character.isprintable() else "?" for character in text)
    return logs.without_tokens(printable)[:_LONGEST]
