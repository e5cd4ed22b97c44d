"""Which server a command speaks to: worked out of --url, --context, the environment and the saved contexts."""

import os
import sys
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
    """A server, the name of its context, and the session there. A token never goes to another URL than its own."""

    context: str
    url: str
    user: str
    token: str = field(repr=False)

    def client(self) -> "Client":
        """A connection with the session's token. Raises CliError where nobody is logged in."""
        if not self.token:
            raise CliError(f"you are not logged in to {self.url}: type `foresail login`", Exit.FORBIDDEN)
        return self.anonymous()

    def session_less(self) -> "Client":
        """A connection without any session, to begin one of its own."""
        return connect(self.url)

    def anonymous(self) -> "Client":
        """A connection that works without a session too."""
        return connect(self.url, self.token)


def connect(url: str, token: str = "") -> "Client":
    """A connection to a server."""
    # httpx imports its own command line as well, which takes longer than all the rest of it; without that it works as
    # where the parts for it are not installed.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    from cli.client import Client

    return Client(url, token)


def resolve(url: str | None, context: str | None) -> Target:
    """The target of these two options; a known context goes before FORESAIL_URL, which goes before the current context.

    Raises UsageError where the URL is none, or the context is unknown and there is no URL for it either.
    """
    contexts = session.load()
    if context and not url and context in contexts.named:
        return _of_context(context, contexts.named[context])
    url = url or os.environ.get(URL_VARIABLE)
    if not url:
        found = contexts.find(context) if context else contexts.named.get(contexts.current)
        return _of_context(context or contexts.current, found or session.Context())
    url = checked(url)
    name = context or contexts.with_url(url) or urlsplit(url).netloc
    found = contexts.named.get(name)
    return _of_context(name, found if found and found.url == url else session.Context(url))


def _of_context(name: str, context: session.Context) -> Target:
    return Target(name, context.url, context.user, _variable(context.url) or context.token)


def _variable(url: str) -> str:
    """FORESAIL_TOKEN, which is FORESAIL_URL's where that is set."""
    its = os.environ.get(URL_VARIABLE)
    return os.environ.get(TOKEN_VARIABLE, "") if not its or its.rstrip("/") == url else ""


def checked(url: str) -> str:
    """The URL without its last slash. Raises UsageError where it is no http or https URL."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(
            f"{url!r} is no URL of a server; it looks like http://127.0.0.1:8080 or https://foresail.example"
        )
    return url.rstrip("/")


def target(ctx: typer.Context) -> Target:
    """The target that the options before the command name."""
    url, context = ctx.find_root().obj
    return resolve(url, context)
