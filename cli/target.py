"""Which server a command speaks to: worked out of --url, --context, the environment and the saved contexts."""

import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer

from cli import session
from cli.errors import CliError, UsageError
from cli.exits import Exit

if TYPE_CHECKING:
    from cli.client import Client

TOKEN_VARIABLE = "FORESAIL_TOKEN"  # noqa: S105 - a name, no secret
URL_VARIABLE = "FORESAIL_URL"


@dataclass(frozen=True, slots=True)
class Target:
    """A server, the name of its context, and the session there. A token never goes to another URL than its own.

    FORESAIL_TOKEN is FORESAIL_URL's; without that it is of the server that is used where no option names one.
    """

    context: str
    url: str
    user: str
    token: str = field(repr=False)

    def client(self) -> "Client":
        """A connection with the session's token. Raises CliError where nobody is logged in."""
        if not self.token:
            raise CliError(missing(self.url), Exit.FORBIDDEN)
        return self.anonymous()

    def session_less(self) -> "Client":
        """A connection without any session, to begin one of its own."""
        return connect(self.url)

    def anonymous(self) -> "Client":
        """A connection that works without a session too."""
        return connect(self.url, self.token)


def missing(url: str) -> str:
    """What to say where there is no session with a server."""
    hint = f"; {TOKEN_VARIABLE} is sent to {URL_VARIABLE} only" if os.environ.get(TOKEN_VARIABLE) else ""
    return f"you are not logged in to {url}: type `foresail login --url {url}`{hint}"


def connect(url: str, token: str = "") -> "Client":
    """A connection to a server."""
    from cli.client import Client

    return Client(url, token)


def resolve(url: str | None, context: str | None, *, new: bool = False) -> Target:
    """The target of these two options; a known context goes before FORESAIL_URL, which goes before the current context.

    A context that is not known is `new` and of FORESAIL_URL, or mistyped. Raises UsageError for that, and for no URL.
    """
    contexts, named = session.load(), bool(url or context)
    if context and not url and context in contexts.named:
        return _of_context(context, contexts.named[context], named=named)
    if not url and (new or not context):
        url = os.environ.get(URL_VARIABLE)
    if not url:
        found = contexts.find(context) if context else contexts.named.get(contexts.current)
        return _of_context(context or contexts.current, found or session.Context(), named=named)
    url = checked(url)
    name = context or contexts.with_url(url) or urlsplit(url).netloc
    found = contexts.named.get(name)
    return _of_context(name, found if found and found.url == url else session.Context(url), named=named)


def _of_context(name: str, context: session.Context, *, named: bool) -> Target:
    url = checked(context.url)
    return Target(name, url, context.user, _variable(url, named=named) or context.token)


def _variable(url: str, *, named: bool) -> str:
    """FORESAIL_TOKEN, if it is for this server; `named` says whether an option names the server."""
    its = os.environ.get(URL_VARIABLE)
    if checked(its) != url if its else named:
        return ""
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if not session.sendable(token):
        raise UsageError(f"{TOKEN_VARIABLE} is no token: it holds other signs than printable ASCII")
    return token


def lent(place: Target) -> bool:
    """Whether the token of a target is FORESAIL_TOKEN."""
    return bool(place.token) and place.token == os.environ.get(TOKEN_VARIABLE, "").strip()


def hides(url: str) -> bool:
    """Whether FORESAIL_TOKEN goes before a saved session with this server where no option names it."""
    return bool(_variable(url, named=False))


def checked(url: str) -> str:
    """The URL with its scheme in small letters and without its last slash.

    Raises UsageError where it is no http or https URL, or names a user: httpx would send that instead of the token.
    """
    if "@" in url:
        raise UsageError("a URL of a server names no user or password: leave out what is before the @")
    with suppress(ValueError):
        parts = urlsplit(url)
        labels = (parts.hostname or "").removesuffix(".").split(".")
        if parts.scheme in {"http", "https"} and all(0 < len(one) < 64 for one in labels) and parts.port != 0:
            return parts.geturl().rstrip("/")
    raise UsageError(f"{url!r} is no URL of a server; it looks like http://127.0.0.1:8080 or https://foresail.example")


def target(ctx: typer.Context, url: str | None = None, *, new: bool = False) -> Target:
    """The target that the options before the command name, or its own option --url."""
    before, context = ctx.find_root().obj
    return resolve(url or before, context, new=new)
