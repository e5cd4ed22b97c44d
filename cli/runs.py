"""foresail runs: draining a queue by an MPI program."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli import watching
from cli.forecasts import show_results
from cli.listing import show_first
from cli.options import AllOption, LimitOption, RunArgument
from cli.output import Column, Output, OutputOption, Record, show_one
from cli.paths import RUNS, under
from cli.talk import say
from cli.target import target
from cli.times import local

if TYPE_CHECKING:
    from cli.client import Client

COLUMNS = (
    Column("id", "id", number=True),
    Column("queue", "queue", number=True),
    Column("state", "state"),
    Column("owner", "owner"),
    Column("ranks", "processes", number=True),
    Column("jobs", "jobs_total", number=True),
    Column("done", "jobs_done", number=True),
    Column("failed", "jobs_failed", number=True),
    Column("jobs/s", "rate", watching.pace, number=True),
    Column("started", "started", local),
    Column("finished", "finished", local),
)
WHOLE = (
    *COLUMNS,
    Column("expected", "finish_expected", local),
    Column("assets", "assets_total"),
    Column("assets done", "assets_done"),
    Column("hosts", "hosts"),
    Column("stop requested", "stop_requested"),
    Column("reason", "reason"),
)

app = typer.Typer(no_args_is_help=True, help="Draining a queue by an MPI program.")


@app.command()
def start(
    ctx: typer.Context,
    queue: Annotated[int, typer.Option("--queue", "-q", help="Index of the queue to drain.")],
    processes: Annotated[
        int | None, typer.Option("--processes", "-n", min=1, help="Ranks; as configured, if left out.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", "-w", help="Follow it; the exit code tells how it ended.")] = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """Start a run that drains a queue."""
    with target(ctx).client() as client:
        run = begin(client, queue, processes)
        if wait:
            run = watching.watch(client, run["id"])
    show_one(run, COLUMNS, output)
    if wait:
        watching.check(run)


def begin(client: "Client", queue: int, processes: int | None = None) -> Record:
    """Start a run, of as many ranks as configured where none are named; its first state."""
    run: Record = client.post(RUNS, {"queue": queue} | ({} if processes is None else {"processes": processes}))
    say(f"run {run['id']} drains queue {queue} with {run['processes']} ranks")
    return run


@app.command("list")
def list_(
    ctx: typer.Context, limit: LimitOption = 100, every: AllOption = False, output: OutputOption = Output.TABLE
) -> None:
    """List runs, the newest first."""
    with target(ctx).client() as client:
        show_first(client, RUNS, None if every else limit, COLUMNS, output)


@app.command("show")
def show_(ctx: typer.Context, run: RunArgument, output: OutputOption = Output.TABLE) -> None:
    """Show how far a run is."""
    with target(ctx).client() as client:
        show_one(client.get(under(RUNS, run)), WHOLE, output)


@app.command()
def watch(ctx: typer.Context, run: RunArgument, output: OutputOption = Output.TABLE) -> None:
    """Follow a run until it is over; the exit code tells how it ended."""
    with target(ctx).client() as client:
        last = watching.watch(client, run)
    show_one(last, COLUMNS, output)
    watching.check(last)


@app.command()
def stop(ctx: typer.Context, run: RunArgument) -> None:
    """Ask a run to stop; its unfinished jobs go back to their places in the queue."""
    with target(ctx).client() as client:
        client.delete(under(RUNS, run))
    say(f"run {run} is asked to stop")


@app.command()
def results(ctx: typer.Context, run: RunArgument, output: OutputOption = Output.TABLE) -> None:
    """Show the forecasts of all jobs that a run finished."""
    with target(ctx).client() as client:
        show_results(client.pages(under(RUNS, run, "results"), size=100), output)
