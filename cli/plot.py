"""foresail plot: a forecast with its history and both bands, in the terminal or as a picture."""

from pathlib import Path
from typing import Annotated

import typer

from cli.errors import UsageError
from cli.options import JobArgument
from cli.sketch import fetch
from cli.talk import say
from cli.target import target

KINDS = (".png", ".svg", ".pdf")


def plot(
    ctx: typer.Context,
    job: JobArgument,
    asset: Annotated[
        str | None, typer.Option("--asset", "-a", help="Index or name; the job's first, if left out.")
    ] = None,
    last: Annotated[int, typer.Option("--last", min=1, help="Steps of history to show.")] = 100,
    save: Annotated[Path | None, typer.Option("--save", "-s", help="Write a .png, .svg or .pdf instead.")] = None,
) -> None:
    """Draw a forecast with its history and the 80 % and 95 % intervals."""
    if save is not None and save.suffix.lower() not in KINDS:
        raise UsageError(f"{save} is neither {' nor '.join(KINDS)}: the suffix says what kind of picture is made")

    with target(ctx).client() as client:
        sketch = fetch(client, job, asset, last)
    if save is None:
        from cli.drawing import draw

        print(draw(sketch))
        return
    from cli.picture import save as write

    write(sketch, save)
    say(f"wrote {save}")
