"""foresail users: who can log in, and as what."""

from typing import Annotated

import typer

from cli.login import StdinOption
from cli.options import Role, YesOption
from cli.output import Column, Output, OutputOption, Record, show, show_one
from cli.paths import ACCESS, USERS, under
from cli.talk import confirm, given_password, new_password, say
from cli.target import target
from cli.times import local

COLUMNS = (
    Column("name", "name"),
    Column("role", "role"),
    Column("disabled", "disabled"),
    Column("created", "created", local),
)
WHOLE = (*COLUMNS, Column("password hash", "password_hash"))
NameArgument = Annotated[str, typer.Argument(metavar="USER", help="Name of the user.")]
RoleArgument = Annotated[Role, typer.Argument(metavar="ROLE", help="`foresail roles` shows what each may do.")]

app = typer.Typer(no_args_is_help=True, help="Who can log in, and as what (admins; everyone: their own password).")


@app.command()
def add(
    ctx: typer.Context,
    name: NameArgument,
    role: RoleArgument,
    password_stdin: StdinOption = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """Add a user; the password is asked for."""
    with target(ctx).client() as client:
        password = new_password(f"password of {name}", from_stdin=password_stdin)
        user = client.post(USERS, {"name": name, "role": role, "password": password})
    say(f"added {name} as {role}")
    show_one(user, COLUMNS, output)


@app.command("list")
def list_(ctx: typer.Context, output: OutputOption = Output.TABLE) -> None:
    """List all users."""
    with target(ctx).client() as client:
        show(client.pages(USERS), COLUMNS, output)


@app.command("show")
def show_(ctx: typer.Context, name: NameArgument, output: OutputOption = Output.TABLE) -> None:
    """Show a user's record; admins see the stored password hash too."""
    with target(ctx).client() as client:
        show_one(client.get(under(USERS, name)), WHOLE, output)


@app.command()
def passwd(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="USER", help="Yourself, if left out.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Take it from stdin (your own: the current one, then the new one).")
    ] = False,
) -> None:
    """Change a password: your own with the current one, or as an admin somebody else's."""
    with target(ctx).client() as client:
        me = client.get(ACCESS, service="auth")["user"]
        body = {}
        if name in {None, me}:
            body["current_password"] = given_password("current password", from_stdin=password_stdin)
        body["password"] = new_password("new password", from_stdin=password_stdin)
        client.put(under(USERS, name or me), body)
    say(f"the password of {name or me} is changed")


@app.command()
def role(ctx: typer.Context, name: NameArgument, role: RoleArgument) -> None:
    """Give a user another role; it counts from the next request on."""
    _change(ctx, name, {"role": role})
    say(f"{name} is {role} now")


@app.command()
def disable(ctx: typer.Context, name: NameArgument) -> None:
    """Keep a user from logging in and end their sessions; everything of theirs stays."""
    _change(ctx, name, {"disabled": True})
    say(f"{name} is disabled")


@app.command()
def enable(ctx: typer.Context, name: NameArgument) -> None:
    """Let a disabled user log in again."""
    _change(ctx, name, {"disabled": False})
    say(f"{name} is enabled")


@app.command()
def delete(ctx: typer.Context, name: NameArgument, yes: YesOption = False) -> None:
    """Delete a user and end their sessions."""
    with target(ctx).client() as client:
        confirm(f"Delete the user {name}?", yes=yes)
        client.delete(under(USERS, name))
    say(f"deleted {name}")


def _change(ctx: typer.Context, name: str, body: Record) -> None:
    with target(ctx).client() as client:
        client.put(under(USERS, name), body)
