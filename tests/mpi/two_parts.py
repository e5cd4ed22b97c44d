"""A program for mpiexec: rank 0 has a part forecast that is too short for its model, beside one that is not."""

import asyncio
import json
import sys

import numpy as np
from mpi4py import MPI

from services.drain.plan import Part
from services.drain.rank import ROOT, serve
from services.drain.ranks import Ranks
from services.forecasting.market import market_panel

PANEL = market_panel(1, 40, 50)
PARTS = (Part("ols", 48, (80, 95), 1, None, 50, 40), Part("naive", 3, (80, 95), 1, None, 50, 40))


def main() -> None:
    comm = MPI.COMM_WORLD
    if comm.rank != ROOT:
        serve(comm)
        return
    ranks = Ranks(comm)
    series = np.concatenate([PANEL, PANEL]).reshape(-1)
    rows, failures = asyncio.run(ranks.calculate(PARTS, series, 60))
    ranks.end(0)
    sys.stdout.write(json.dumps({"failures": failures, "rows": rows[-40 * PARTS[1].width :].tolist()}))


if __name__ == "__main__":
    main()
