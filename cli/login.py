"""foresail login, logout, whoami: a session with a server."""

from typing import Annotated

import typer

from cli import session
from cli.errors import CliError, UsageError
from cli.exits import Exit
from cli.options import UrlOption
from cli.output import Column, Output, OutputOption, show_one
from cli.paths import ACCESS, LOGIN
from cli.talk import ask, ask_password, password_line, say
from cli.target import TOKEN_VARIABLE, hides, lent, target

COLUMNS = (
    Column("user", "user"),
    Column("role", "role"),
    Column("scopes", "scopes", ", ".join),
    Column("server", "url"),
    Column("context", "context"),
)
UserOption = Annotated[str | None, typer.Option("--user", "-u", help="User name; asked for otherwise.")]
StdinOption = Annotated[bool, typer.Option("--password-stdin", help="Take the password from the first line of stdin.")]


def login(
    ctx: typer.Context, url: UrlOption = None, user: UserOption = None, password_stdin: StdinOption = False
) -> None:
    """Log in to a server and remember the session in a file that only you can read."""
    place = target(ctx, url, new=True)
    hidden = hides(place.url)
    user = user or place.user if password_stdin else user or ask("User: ")
    password = password_line() if password_stdin else ask_password()
    if not user:
        raise UsageError("no user is named: add --user")
    with place.session_less() as client:
        answer = client.post(LOGIN, {"user": user, "password": password})
    session.set_token(place.context, place.url, answer["user"], answer["token"])
    say(f"logged in to {place.url} as {answer['user']} ({answer['role']})")
    if hidden:
        say(f"{TOKEN_VARIABLE} goes before this session while it is set: unset {TOKEN_VARIABLE}")
    if answer["notice"]:
        say(answer["notice"])


def logout(ctx: typer.Context) -> None:
    """End the session, here and on the server."""
    place = target(ctx)
    if lent(place):
        raise UsageError(
            f"the session is that of {TOKEN_VARIABLE}, which stays as long as it is set: unset {TOKEN_VARIABLE}; "
            "`foresail tokens delete ID` ends a session without a log-out"
        )
    try:
        with place.client() as client:
            client.delete(LOGIN)
    except CliError as error:
        if error.code is not Exit.FORBIDDEN:
            raise
        say(f"there was no session any more: {error.message}")
    session.forget_token(place.context, place.token)
    say(f"logged out of {place.url}")


def whoami(ctx: typer.Context, output: OutputOption = Output.TABLE) -> None:
    """Show who you are to the server and what you may do."""
    place = target(ctx)
    with place.client() as client:
        answer = client.get(ACCESS, service="masterdata")
    show_one(answer | {"url": place.url, "context": place.context}, COLUMNS, output)
