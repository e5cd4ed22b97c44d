"""foresail roles: which role may do what, as the server sees it."""

import typer

from cli.output import Column, Output, OutputOption, show
from cli.paths import ROLES
from cli.target import target


def roles(ctx: typer.Context, output: OutputOption = Output.TABLE) -> None:
    """Show the table of roles and their scopes."""
    with target(ctx).client() as client:
        table = client.get(ROLES)
    scopes = dict.fromkeys(scope for of_role in table.values() for scope in of_role)
    rows = [{"scope": scope} | {role: scope in table[role] for role in table} for scope in sorted(scopes)]
    marks = [Column(role, role, lambda may: "yes" if may else "–") for role in table]
    show(rows, [Column("scope", "scope"), *marks], output)
