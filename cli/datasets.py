"""foresail datasets: the panels of time series that jobs forecast."""

from pathlib import Path
from typing import Annotated

import typer

from cli.errors import UsageError
from cli.options import YesOption
from cli.output import Column, Output, OutputOption, short_list, show, show_one
from cli.paths import DATASETS, under
from cli.progress import sent
from cli.talk import confirm, say
from cli.target import target
from cli.times import local

KINDS = {".csv": "text/csv", ".parquet": "application/vnd.apache.parquet"}
COLUMNS = (
    Column("name", "name"),
    Column("owner", "owner"),
    Column("version", "version", number=True),
    Column("series", "series", number=True),
    Column("steps", "steps", number=True),
    Column("season", "season_length", number=True),
    Column("first", "first"),
    Column("last", "last"),
    Column("created", "created", local),
)
WHOLE = (*COLUMNS, Column("bounds", "bounds"), Column("assets", "assets", short_list))
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the dataset.")]

app = typer.Typer(no_args_is_help=True, help="The panels of time series that jobs forecast.")


@app.command()
def upload(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV or Parquet: a column per asset, or unique_id, ds, y.")
    ],
    name: Annotated[str | None, typer.Option("--name", help="The file's name without suffix, if left out.")] = None,
    season_length: Annotated[
        int | None, typer.Option("--season-length", min=1, help="Steps of a season; 1: none.")
    ] = None,
    lower: Annotated[float | None, typer.Option("--lower", help="No forecast is below this; with --upper.")] = None,
    upper: Annotated[float | None, typer.Option("--upper", help="No forecast is above this; with --lower.")] = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Upload a dataset, or replace one of yours."""
    kind = KINDS.get(file.suffix.lower())
    if kind is None:
        raise UsageError(f"{file} is neither .csv nor .parquet: the suffix says how a dataset is read")
    query = {"season_length": season_length, "lower": lower, "upper": upper}
    try:
        with file.open("rb") as stream, target(ctx).client() as client:
            size = file.stat().st_size
            pieces = sent(stream, size, file.name)
            dataset = client.send("PUT", under(DATASETS, name or file.stem), pieces, size, kind, **query)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    version, series, steps = dataset["version"], dataset["series"], dataset["steps"]
    say(f"dataset {dataset['name']}, version {version}, has {series} series of {steps} steps")
    show_one(dataset, COLUMNS, output)


@app.command("list")
def list_(ctx: typer.Context, output: OutputOption = Output.TABLE) -> None:
    """List all datasets."""
    with target(ctx).client() as client:
        show(client.pages(DATASETS), COLUMNS, output)


@app.command("show")
def show_(ctx: typer.Context, name: NameArgument, output: OutputOption = Output.TABLE) -> None:
    """Show a dataset and the names of its assets."""
    with target(ctx).client() as client:
        show_one(client.get(under(DATASETS, name)), WHOLE, output)


@app.command()
def delete(ctx: typer.Context, name: NameArgument, yes: YesOption = False) -> None:
    """Delete a dataset; results that were made from it stay."""
    with target(ctx).client() as client:
        confirm(f"Delete the dataset {name}?", yes=yes)
        client.delete(under(DATASETS, name))
    say(f"deleted {name}")
