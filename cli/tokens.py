"""foresail tokens: sessions on the server, and how to end them."""

from typing import Annotated

import typer

from cli.output import Column, Output, OutputOption, show
from cli.paths import TOKENS, under
from cli.talk import say
from cli.target import target
from cli.times import local

COLUMNS = (
    Column("id", "id"),
    Column("user", "user"),
    Column("issued", "issued", local),
    Column("last used", "last_used", local),
    Column("expires", "expires", local),
    Column("this session", "current"),
)
OfOption = Annotated[str | None, typer.Option("--user", "-u", help="Of this user (admins).")]

app = typer.Typer(no_args_is_help=True, help="Sessions on the server: see them, end them.")


@app.command("list")
def list_(ctx: typer.Context, user: OfOption = None, output: OutputOption = Output.TABLE) -> None:
    """List your sessions."""
    with target(ctx).client() as client:
        show(client.pages(TOKENS, user=user), COLUMNS, output)


@app.command()
def delete(
    ctx: typer.Context,
    token: Annotated[str, typer.Argument(metavar="ID", help="Id of the session.")],
    user: OfOption = None,
) -> None:
    """End a session; it counts from the next request on."""
    with target(ctx).client() as client:
        client.delete(under(TOKENS, token), user=user)
    say(f"ended session {token}")
