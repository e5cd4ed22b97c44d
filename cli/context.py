"""foresail context: the servers you work with, by name."""

from typing import Annotated

import typer

from cli import session
from cli.errors import UsageError
from cli.options import YesOption
from cli.output import Column, Output, OutputOption, Record, show, show_one
from cli.talk import confirm, say
from cli.target import checked

COLUMNS = (
    Column("", "current", lambda current: "*" if current else ""),
    Column("name", "name"),
    Column("server", "url"),
    Column("user", "user"),
    Column("logged in", "logged_in"),
)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the context.")]

app = typer.Typer(no_args_is_help=True, help="The servers you work with, by name.")


@app.command("list")
def list_(output: OutputOption = Output.TABLE) -> None:
    """List the contexts; the current one has a star."""
    contexts = session.load()
    show([_record(contexts, name) for name in sorted(contexts.named)], COLUMNS, output)


@app.command("show")
def show_(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The current one, if left out.")] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show a context."""
    contexts = session.load()
    name = name or contexts.current
    contexts.find(name)
    show_one(_record(contexts, name), COLUMNS[1:], output)


@app.command()
def add(
    name: NameArgument,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where the server is.")],
) -> None:
    """Name a server; `foresail context use` makes it the current one."""
    url = checked(url)
    if not name:
        raise UsageError("'' is no name")
    with session.change() as contexts:
        old = contexts.named.get(name)
        contexts.named[name] = old if old and old.url == url else session.Context(url)
        if len(contexts.named) == 1:
            contexts.current = name
    say(f"{name} is {url}")


@app.command()
def use(name: NameArgument) -> None:
    """Make a context the current one."""
    with session.change() as contexts:
        url = contexts.find(name).url
        contexts.current = name
    say(f"now using {name} ({url})")


@app.command()
def delete(name: NameArgument, yes: YesOption = False) -> None:
    """Forget a context; its session on the server stays until it expires or you log out first."""
    session.load().find(name)
    confirm(f"Forget the context {name}?", yes=yes)
    with session.change() as contexts:
        contexts.named.pop(name, None)
        if contexts.current == name:
            contexts.current = next(iter(contexts.named), "default")
    say(f"forgot {name}")


def _record(contexts: session.Contexts, name: str) -> Record:
    one = contexts.named[name]
    return {
        "current": name == contexts.current,
        "name": name,
        "url": one.url,
        "user": one.user,
        "logged_in": bool(one.token),
    }
