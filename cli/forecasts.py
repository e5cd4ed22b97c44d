"""Results of jobs: one line per asset with the next step, its prediction intervals and what the forecast is worth."""

import math
from collections.abc import Iterable, Iterator

from cli.output import Column, Output, Record, show, show_csv
from cli.tables import show_table

LEVELS = ("80", "95")
COLUMNS = (
    Column("job", "job", number=True),
    Column("asset", "asset", number=True),
    Column("name", "name"),
    Column("next step", "next", number=True),
    Column("80 % interval", "80", number=True),
    Column("95 % interval", "95", number=True),
    Column("MASE", "mase", number=True),
    Column("naive MASE", "naive_mase", number=True),
    Column("better than naive?", "better"),
)


_STEP = ("job", "asset", "name", "step", "mean")
STEP_FIELDS = (*_STEP, *(f"{end}_{level}" for level in LEVELS for end in ("lower", "upper")), "mase", "naive_mase")


def show_results(results: Iterable[Record], output: Output) -> None:
    """Print results: a line per asset in a table, a line per asset and step in CSV, everything in JSON."""
    if output is Output.TABLE:
        rows = ([column.text(line) for column in COLUMNS] for one in results for line in summary(one))
        show_table(COLUMNS, rows)
    elif output is Output.CSV:
        show_csv([row for one in results for row in steps(one)], STEP_FIELDS)
    else:
        show(results, COLUMNS, output)


def summary(results: Record) -> Iterator[Record]:
    """A line for each asset of a job's results."""
    for one in results["forecasts"]:
        narrow = one["upper"][LEVELS[0]][0] - one["lower"][LEVELS[0]][0]
        line = {"job": results["job"], "asset": one["asset"], "name": one["name"]}
        line["next"] = number(one["mean"][0], narrow)
        for level in LEVELS:
            line[level] = f"{number(one['lower'][level][0], narrow)} … {number(one['upper'][level][0], narrow)}"
        line["mase"], line["naive_mase"] = number(one["mase"]), number(one["naive_mase"])
        yield line | {"better": better(one["mase"], one["naive_mase"])}


def steps(results: Record) -> Iterator[Record]:
    """A line for each asset and step ahead, for spreadsheets."""
    for one in results["forecasts"]:
        for step, mean in enumerate(one["mean"]):
            line = {"job": results["job"], "asset": one["asset"], "name": one["name"], "step": step + 1, "mean": mean}
            for level in LEVELS:
                line |= {f"lower_{level}": one["lower"][level][step], f"upper_{level}": one["upper"][level][step]}
            yield line | {"mase": one["mase"], "naive_mase": one["naive_mase"]}


def number(value: float | None, width: float = 0) -> str:
    """A number with five significant digits, or as many as tell the ends of an interval of this width apart.

    A dash where there is none.
    """
    if value is None:
        return "–"
    digits = 3 + math.log10(max(1, abs(value) / (width or 1)))
    return f"{value:.{int(min(15, max(5, digits)))}g}"


def better(mase: float | None, naive: float | None) -> str:
    """Whether the model beat the naive forecast over the hold-out."""
    if mase is None or naive is None:
        return "not known"
    return "yes" if mase < naive else "no"
