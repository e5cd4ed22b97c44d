"""A program for mpiexec: many jobs want the same series for different horizons; says what was dealt out at once.

Its argument says what is too much in one go: `bytes` or `cost`.
"""

import asyncio
import json
import sys
from collections.abc import Sequence

from mpi4py import MPI

from services.config import MarketSettings, StoreSettings
from services.drain import outcomes
from services.drain.leases import Leases
from services.drain.outcomes import Forecaster
from services.drain.panels import Panels
from services.drain.plan import Part
from services.drain.rank import ROOT, Failures, Values, serve
from services.drain.ranks import Ranks
from services.forecasting.models import seconds
from services.models import ClaimedJob, JobSpec
from services.store.connection import Store

AT_ONCE = 4
"""Jobs of which the next one is too much in one go."""
MARKET = MarketSettings(series=100, steps=300)
PANEL_BYTES = 100 * 300 * 8
JOBS = [ClaimedJob(n, JobSpec("market", tuple(range(100)), "naive", n), 1, 1.0) for n in range(1, 31)]


class Watched(Ranks):
    """Notes how many bytes are dealt out."""

    sizes: list[int]

    async def calculate(self, parts: Sequence[Part], series: Values, silence: float) -> tuple[Values, Failures]:
        self.sizes.append(series.nbytes)
        return await super().calculate(parts, series, silence)


def main() -> None:
    if MPI.COMM_WORLD.rank != ROOT:
        serve(MPI.COMM_WORLD)
        return
    if sys.argv[1] == "bytes":
        outcomes.SERIES_BYTES = AT_ONCE * PANEL_BYTES
    else:
        outcomes.SECONDS = AT_ONCE * seconds("naive", MARKET.series, MARKET.steps)
    ranks = Watched(MPI.COMM_WORLD)
    ranks.sizes = []
    store = Store.connect(StoreSettings(url="redis://127.0.0.1:1"))
    panels = Panels(store, MARKET, Leases(store, 1, 1, 30))
    found = asyncio.run(lists(Forecaster(ranks, panels, 60)))
    ranks.end(0)
    sys.stdout.write(json.dumps({"sizes": ranks.sizes, "jobs": found}))


async def lists(forecaster: Forecaster) -> list[list[int]]:
    """The jobs that were forecast, in the lists in which they can be stored."""
    return [[one.job_id for one in found if one.packed] async for found in forecaster.outcomes(JOBS)]


if __name__ == "__main__":
    main()
