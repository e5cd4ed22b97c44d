"""What a plot shows, apart from how it is drawn: the history of an asset and its forecast with both bands."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.errors import CliError, UsageError
from cli.output import Record
from cli.paths import DATASETS, JOBS, under
from cli.talk import say

if TYPE_CHECKING:
    from cli.client import Client

LEVELS = ("95", "80")


@dataclass(frozen=True, slots=True)
class Sketch:
    """One asset: `history` ends at step `origin` - 1, the forecast begins at step `origin` (both counted from 0)."""

    title: str
    origin: int
    history: list[float]
    mean: list[float]
    lower: dict[str, list[float]]
    upper: dict[str, list[float]]

    @property
    def past(self) -> list[int]:
        """Steps of the history."""
        return list(range(self.origin - len(self.history), self.origin))

    @property
    def ahead(self) -> list[int]:
        """Steps of the forecast."""
        return list(range(self.origin, self.origin + len(self.mean)))


def fetch(client: "Client", job: int, asset: str | None, last: int) -> Sketch:
    """The sketch of one asset of a finished job. Raises CliError where there is no result."""
    results = client.get(under(JOBS, job, "results"))
    forecast = choose(results["forecasts"], asset)
    origin, history = 0, list[float]()
    try:
        origin, history = _past(client, results, forecast["asset"], last)
    except CliError as error:
        say(f"the history cannot be shown: {error.message}")
    title = (
        f"{forecast['name']} of {results['dataset']}: {results['model']}, {results['horizon']} steps ahead (job {job})"
    )
    return Sketch(title, origin, history, forecast["mean"], forecast["lower"], forecast["upper"])


def _past(client: "Client", results: Record, asset: int, last: int) -> tuple[int, list[float]]:
    """Where the forecast begins, and what came before it. Raises CliError where that is there no more."""
    place = under(DATASETS, results["dataset"])
    now, then = client.get(place)["version"], results["dataset_version"]
    if now != then:
        raise CliError(f"the forecast is of version {then} of {results['dataset']}, which is at version {now} now")
    series = client.get(under(place, "series", asset), last=last)
    return series["steps"], series["values"]


def choose(forecasts: list[Record], asset: str | None) -> Record:
    """The forecast of an asset, by index or name; the first where none is named. Raises UsageError for another."""
    if asset is None:
        if len(forecasts) > 1:
            say(f"showing the first of {len(forecasts)} assets; --asset chooses another")
        return forecasts[0]
    # An index goes before a name, as in `jobs submit`: series may be called 1, 2, 3.
    for field in ("asset", "name"):
        for one in forecasts:
            if asset == str(one[field]):
                return one
    known = ", ".join(str(one["asset"]) for one in forecasts[:10])
    raise UsageError(f"the job has no asset {asset!r}; it has {known}{', …' if len(forecasts) > 10 else ''}")
