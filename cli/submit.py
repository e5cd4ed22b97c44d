"""foresail jobs submit: calculated at once, or put into a queue, one or a whole file."""

import json
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import assets as asset_list
from cli.errors import Refused, UsageError
from cli.forecasts import show_results
from cli.jobs_file import read
from cli.options import TimeoutOption
from cli.output import Column, Output, OutputOption, Record, show_one
from cli.paths import JOBS, QUEUES, under
from cli.progress import sent
from cli.settling import check, check_all, settle, settle_all
from cli.talk import say
from cli.target import target
from cli.waiting import Limit

if TYPE_CHECKING:
    from cli.client import Client

NOT_WAITING = -1.0
PUSHED = (Column("queue", "queue"), Column("first job", "first"), Column("last job", "last"), Column("jobs", "count"))
AssetsArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="ASSETS",
        help="Indices, ranges, names: 0,1,5-9 or AAPL,MSFT. A name like 5-9 or 7 takes a .jsonl file.",
    ),
]
FileOption = Annotated[
    Path | None,
    typer.Option(
        "--file", "-f", help="Jobs from a .csv or .jsonl file: columns assets, dataset, model, horizon, priority."
    ),
]


def submit(  # noqa: PLR0913, PLR0917 - each option is a parameter
    ctx: typer.Context,
    assets: AssetsArgument = None,
    file: FileOption = None,
    queue: Annotated[
        int | None, typer.Option("--queue", "-q", help="Put it there; calculated at once otherwise.")
    ] = None,
    dataset: Annotated[str | None, typer.Option("--dataset", "-d", help="The built-in market, if left out.")] = None,
    model: Annotated[str | None, typer.Option("--model", "-m", help="ols, naive, drift or theta.")] = None,
    horizon: Annotated[int | None, typer.Option("--horizon", "-H", help="Steps ahead; 10 if left out.")] = None,
    priority: Annotated[int | None, typer.Option("--priority", "-p", help="0 to 9; higher comes first.")] = None,
    wait: Annotated[
        bool, typer.Option("--wait", "-w", help="Wait until finished; the exit code tells how it ended.")
    ] = False,
    timeout: TimeoutOption = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Submit a job, or with --file all those of a file in one request."""
    given = {"dataset": dataset, "model": model, "horizon": horizon, "priority": priority}
    fields = {name: value for name, value in given.items() if value is not None}
    if (file is None) == (assets is None):
        raise UsageError("name either assets (0,1,5-9) or a file of jobs (--file jobs.csv)")
    if queue is None and (file or wait):
        raise UsageError(
            f"{'--file' if file else '--wait'} needs a queue: add --queue I (`foresail queues list` shows them)"
        )
    if timeout is not None and not wait:
        raise UsageError("--timeout needs --wait: nothing is waited for otherwise")
    until = timeout if wait else NOT_WAITING
    with target(ctx).client() as client:
        if file is not None and queue is not None:
            _submit_file(client, file, queue, fields, until, output)
            return
        request = fields | {"assets": asset_list.parse(assets or "")}
        if queue is None:
            calculate(client, request, output)
        else:
            _push(client, queue, request, until, output)


def calculate(client: "Client", request: Record, output: Output) -> None:
    """Calculate a job at once and print its results."""
    answer = client.post(JOBS, request)
    say(f"job {answer['job']['id']} is done")
    show_results([answer["results"]], output)


def put(client: "Client", queue: int, request: Record) -> Record:
    """Put a job into a queue; what the server answers."""
    pushed: Record = client.post(under(QUEUES, queue, "jobs"), request)
    say(f"job {pushed['first']} waits in queue {queue}")
    return pushed


def _push(client: "Client", queue: int, request: Record, timeout: float | None, output: Output) -> None:
    pushed = put(client, queue, request)
    if timeout == NOT_WAITING:
        show_one(pushed, PUSHED, output)
        return
    job = pushed["first"]
    check([settle(client, job, Limit(timeout))])
    show_results([client.get(under(JOBS, job, "results"))], output)


def _submit_file(
    client: "Client", file: Path, queue: int, defaults: Record, timeout: float | None, output: Output
) -> None:
    jobs = read(file, defaults)
    body = json.dumps({"jobs": jobs.jobs}).encode()
    pieces = sent(BytesIO(body), len(body), file.name)
    try:
        pushed: Record = client.send("POST", under(QUEUES, queue, "jobs"), pieces, len(body), "application/json")
    except Refused as error:
        raise Refused(jobs.located(error.message), error.code, error.status) from error
    say(f"{pushed['count']} jobs wait in queue {queue}: {pushed['first']} to {pushed['last']}")
    show_one(pushed, PUSHED, output)
    if timeout != NOT_WAITING:
        check_all(settle_all(client, pushed["first"], pushed["last"], Limit(timeout)))
