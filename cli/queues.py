"""foresail queues: where jobs wait for a run, first in, first out."""

from typing import Annotated

import typer

from cli import jobs as job_commands
from cli.listing import show_first
from cli.options import AllOption, JobsArgument, LimitOption, QueueArgument, YesOption
from cli.output import Column, Output, OutputOption, show, show_one
from cli.paths import QUEUES, under
from cli.talk import confirm, say
from cli.target import target
from cli.times import age, local

COLUMNS = (
    Column("index", "index", number=True),
    Column("name", "name"),
    Column("state", "state"),
    Column("waiting", "ready", number=True),
    Column("claimed", "leased", number=True),
    Column("dead", "dead", number=True),
    Column("oldest", "oldest", age, number=True),
    Column("done", "completed", number=True),
    Column("failed", "failed", number=True),
    Column("run", "run", number=True),
)
WHOLE = (
    *COLUMNS,
    Column("enqueued", "enqueued"),
    Column("claims", "claimed"),
    Column("redelivered", "redelivered"),
    Column("stale", "stale"),
    Column("most attempts", "max_attempts"),
    Column("created", "created", local),
)

app = typer.Typer(no_args_is_help=True, help="Where jobs wait for a run, first in, first out.")


@app.command("list")
def list_(ctx: typer.Context, output: OutputOption = Output.TABLE) -> None:
    """List all queues."""
    with target(ctx).client() as client:
        show(client.pages(QUEUES), COLUMNS, output)


@app.command()
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="For people; queues are told apart by index.")] = "",
    max_attempts: Annotated[
        int | None, typer.Option("--max-attempts", min=1, help="Then a job is a dead letter.")
    ] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Create a queue; its index is never used again."""
    body = {"name": name} | ({} if max_attempts is None else {"max_attempts": max_attempts})
    with target(ctx).client() as client:
        queue = client.post(QUEUES, body)
    say(f"created queue {queue['index']}")
    show_one(queue, COLUMNS[:3], output)


@app.command("show")
def show_(ctx: typer.Context, queue: QueueArgument, output: OutputOption = Output.TABLE) -> None:
    """Show a queue with its counters."""
    with target(ctx).client() as client:
        show_one(client.get(under(QUEUES, queue)), WHOLE, output)


@app.command()
def delete(ctx: typer.Context, queue: QueueArgument, yes: YesOption = False) -> None:
    """Delete a queue with the jobs that are in it, dead letters too; done jobs and their results stay."""
    with target(ctx).client() as client:
        confirm(f"Delete queue {queue} with the jobs that are in it?", yes=yes)
        client.delete(under(QUEUES, queue))
    say(f"deleted queue {queue}")


@app.command()
def push(ctx: typer.Context, queue: QueueArgument, jobs: JobsArgument) -> None:
    """Put jobs that are in no queue into one."""
    with target(ctx).client() as client:
        pushed = client.post(under(QUEUES, queue, "jobs"), {"ids": jobs})
    say(f"put {pushed['count']} job(s) into queue {queue}")


@app.command()
def pull(ctx: typer.Context, queue: QueueArgument, output: OutputOption = Output.TABLE) -> None:
    """Take the first job out of a queue, to deal with it yourself."""
    with target(ctx).client() as client:
        show_one(client.post(under(QUEUES, queue, "pull")), job_commands.WHOLE, output)


@app.command()
def jobs(
    ctx: typer.Context,
    queue: QueueArgument,
    limit: LimitOption = 100,
    every: AllOption = False,
    output: OutputOption = Output.TABLE,
) -> None:
    """List what waits in a queue, in the order in which it will be claimed."""
    with target(ctx).client() as client:
        show_first(client, under(QUEUES, queue, "jobs"), None if every else limit, job_commands.COLUMNS, output)


@app.command()
def pause(ctx: typer.Context, queue: QueueArgument) -> None:
    """Hand out no jobs of a queue; it still takes new ones."""
    _order(ctx, queue, "pause")
    say(f"queue {queue} is paused")


@app.command()
def resume(ctx: typer.Context, queue: QueueArgument) -> None:
    """Hand out jobs of a paused queue again."""
    _order(ctx, queue, "resume")
    say(f"queue {queue} is open")


@app.command()
def purge(ctx: typer.Context, queue: QueueArgument, yes: YesOption = False) -> None:
    """Delete all jobs that wait in a queue; the queue stays."""
    with target(ctx).client() as client:
        confirm(f"Delete all jobs that wait in queue {queue}?", yes=yes)
        purged = client.post(under(QUEUES, queue, "purge"))
    say(f"purged {purged['count']} job(s) from queue {queue}")


@app.command("dead-letters")
def dead_letters(ctx: typer.Context, queue: QueueArgument, output: OutputOption = Output.TABLE) -> None:
    """List the jobs whose attempts are spent, with the reason."""
    columns = (*job_commands.COLUMNS[:6], Column("reason", "reason"))
    with target(ctx).client() as client:
        show(client.pages(under(QUEUES, queue, "dead-letters")), columns, output)


@app.command()
def redrive(ctx: typer.Context, queue: QueueArgument) -> None:
    """Give the dead letters of a queue another chance."""
    say(f"put {_order(ctx, queue, 'redrive')['count']} dead letter(s) back into queue {queue}")


def _order(ctx: typer.Context, queue: int, order: str) -> dict[str, int]:
    with target(ctx).client() as client:
        answer: dict[str, int] = client.post(under(QUEUES, queue, order))
        return answer
