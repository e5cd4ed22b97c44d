"""foresail audit: who did what, as the server has it on record."""

from typing import Annotated

import typer

from cli.listing import show_first
from cli.options import AllOption, LimitOption
from cli.output import Column, Output, OutputOption
from cli.paths import AUDIT
from cli.target import target
from cli.times import local

COLUMNS = (
    Column("time", "time", local),
    Column("user", "subject"),
    Column("action", "action"),
    Column("of", "target"),
    Column("outcome", "outcome"),
    Column("detail", "detail"),
    Column("from", "client"),
)


def audit(
    ctx: typer.Context,
    user: Annotated[str | None, typer.Option("--user", "-u", help="What this user did.")] = None,
    action: Annotated[str | None, typer.Option("--action", "-a", help="Such as login, user.change, run.start.")] = None,
    limit: LimitOption = 100,
    every: AllOption = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show who did what, when, from where and how it ended, the newest first (admins)."""
    with target(ctx).client() as client:
        show_first(client, AUDIT, None if every else limit, COLUMNS, output, subject=user, action=action)
