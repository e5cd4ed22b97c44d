"""A rank's part: wait for a plan and series, compute, send the rows back. It never sees the store."""

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

from services.drain.plan import Part, Plan, decode
from services.drain.waiting import wait
from services.forecasting.rows import forecast_rows

Values = NDArray[np.float64]
"""Float64 values of several parts one after the other: series on their way out, result rows on their way back."""
Failures = dict[int, str]
"""By part, why the model could not forecast it."""

ROOT = 0
_LONGEST_REASON = 300


def header(plan_bytes: int = 0, code: int = 0) -> NDArray[np.int64]:
    """The message that comes first: bytes of the plan (0: there is no more work) and the exit code."""
    return np.array([plan_bytes, code], dtype=np.int64)


def serve(comm: MPI.Comm) -> int:
    """Tell rank 0 the host, compute what it deals out until there is no more, and return the exit code it gives."""
    comm.gather(MPI.Get_processor_name(), ROOT)
    first = header()
    while True:
        wait(comm.Ibcast(first, ROOT))
        plan_bytes, code = first.tolist()
        if not plan_bytes:
            return int(code)
        words = np.empty(plan_bytes, dtype=np.uint8)
        wait(comm.Ibcast(words, ROOT))
        _answer(comm, decode(words.tobytes()))


def _answer(comm: MPI.Comm, plan: Plan) -> None:
    series = np.empty(plan.series_sizes()[comm.rank])
    wait(comm.Iscatterv(None, series, ROOT))
    rows, failures = compute(plan, comm.rank, series)
    wait(comm.Igatherv(rows, None, ROOT), comm.Igather(np.array([len(failures)], dtype=np.int64), None, ROOT))
    if failures:
        comm.send(failures, ROOT)


def compute(plan: Plan, rank: int, series: Values) -> tuple[Values, Failures]:
    """Forecast a rank's series; rows of a part that could not be forecast hold nothing of use."""
    rows = np.empty(plan.row_sizes()[rank])
    failures: Failures = {}
    read = written = 0
    for number, (count, part) in enumerate(zip(plan.shares[rank], plan.parts, strict=True)):
        panel = series[read : read + count * part.steps].reshape(count, part.steps)
        into = rows[written : written + count * part.width].reshape(count, part.width)
        read, written = read + panel.size, written + into.size
        try:
            if count:
                into[:] = _forecast(part, panel)
        except (ValueError, ArithmeticError) as error:
            failures[number] = f"{part.model} could not forecast: {error}"[:_LONGEST_REASON]
    return rows, failures


def _forecast(part: Part, panel: Values) -> Values:
    return forecast_rows(part.model, panel, part.horizon, part.levels, part.season_length, part.bounds)
