"""foresail jobs: requests to forecast some assets, one by one or by thousands."""

from typing import Annotated

import typer

from cli import submit
from cli.forecasts import show_results
from cli.listing import show_first
from cli.options import AllOption, JobArgument, JobsArgument, LimitOption, TimeoutOption, YesOption
from cli.output import Column, Output, OutputOption, short_list, show, show_one
from cli.paths import JOBS, under
from cli.settling import check, known, settle
from cli.talk import confirm, say
from cli.target import target
from cli.times import local
from cli.waiting import Limit

COLUMNS = (
    Column("id", "id", number=True),
    Column("owner", "owner"),
    Column("dataset", "dataset"),
    Column("assets", "assets", short_list),
    Column("model", "model"),
    Column("horizon", "horizon", number=True),
    Column("status", "status"),
    Column("queue", "queue", number=True),
    Column("position", "position", number=True),
    Column("updated", "updated", local),
)
WHOLE = (
    *COLUMNS,
    Column("priority", "priority"),
    Column("attempts", "attempts"),
    Column("run", "run"),
    Column("reason", "reason"),
    Column("created", "created", local),
)

app = typer.Typer(no_args_is_help=True, help="Requests to forecast some assets.")
app.command("submit")(submit.submit)


@app.command("list")
def list_(
    ctx: typer.Context,
    owner: Annotated[str | None, typer.Option("--owner", help="Of this user.")] = None,
    limit: LimitOption = 100,
    every: AllOption = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """List jobs, the newest first."""
    with target(ctx).client() as client:
        show_first(client, JOBS, None if every else limit, COLUMNS, output, owner=owner)


@app.command("show")
def show_(ctx: typer.Context, job: JobArgument, output: OutputOption = Output.TABLE) -> None:
    """Show how far a job is, and why it waits or failed."""
    with target(ctx).client() as client:
        show_one(client.get(under(JOBS, job)), WHOLE, output)


@app.command()
def wait(
    ctx: typer.Context, jobs: JobsArgument, timeout: TimeoutOption = None, output: OutputOption = Output.TABLE
) -> None:
    """Wait until jobs are finished, and show them; the exit code tells whether all are done."""
    limit = Limit(timeout)
    with target(ctx).client() as client:
        known(client, jobs[1:], limit)
        ended = [settle(client, job, limit) for job in jobs]
    show(ended, COLUMNS, output)
    check(ended)


@app.command()
def cancel(ctx: typer.Context, jobs: JobsArgument) -> None:
    """Cancel jobs that are not finished."""
    with target(ctx).client() as client:
        for job in jobs:
            client.put(under(JOBS, job), {"status": "cancelled", "reason": "cancelled by hand"})
            say(f"cancelled job {job}")


@app.command()
def delete(ctx: typer.Context, jobs: JobsArgument, yes: YesOption = False) -> None:
    """Delete jobs and their results."""
    with target(ctx).client() as client:
        confirm(f"Delete {len(jobs)} job(s) and their results?", yes=yes)
        for job in jobs:
            client.delete(under(JOBS, job))
            say(f"deleted job {job}")


@app.command()
def results(ctx: typer.Context, jobs: JobsArgument, output: OutputOption = Output.TABLE) -> None:
    """Show the forecasts of jobs, with their intervals and how they compare with a naive forecast."""
    with target(ctx).client() as client:
        show_results([client.get(under(JOBS, job, "results")) for job in jobs], output)
