"""All ranks together, as rank 0 sees them: one batch at a time is scattered, computed and gathered."""

import asyncio
import signal
from collections.abc import Sequence

import numpy as np
from mpi4py import MPI

from services.drain.partition import longest, partition
from services.drain.plan import Part, Plan
from services.drain.rank import ROOT, Failures, Values, compute, header
from services.drain.waiting import arrival, wait

_SLOWEST = 30
"""How many times longer than expected a rank may take: its core may be slow, and wanted by many."""
_END_SECONDS = 15
"""For all ranks to end together; then rank 0 is killed, and mpiexec kills the others."""


class Ranks:
    """The ranks of a communicator; rank 0 takes its own share like the others, in a thread."""

    def __init__(self, comm: MPI.Comm) -> None:
        self._comm = comm
        self._busy = False
        self._patience = 0.0
        self.hosts: list[str] = comm.gather(MPI.Get_processor_name(), ROOT) or []
        """Rank n is on hosts[n]."""

    async def calculate(self, parts: Sequence[Part], series: Values, silence: float) -> tuple[Values, Failures]:
        """Forecast the series of all parts, one after the other in `series`; the rows come back in the same order.

        Raises SilentError where the ranks take `silence` seconds longer than the slowest of them could.
        """
        self._busy = True
        plan = partition(parts, self._comm.size)
        self._patience = silence + _SLOWEST * longest(plan)
        await self._announce(plan)
        sizes = plan.series_sizes()
        await self._arrival(self._comm.Iscatterv([series, sizes], MPI.IN_PLACE, ROOT))
        own, failures = await asyncio.to_thread(compute, plan, ROOT, series[: sizes[ROOT]])
        rows, failing = await self._gather(plan, own, len(failures))
        for rank in failing:
            failures = self._comm.recv(source=rank) | failures
        self._busy = False
        return rows, failures

    async def _announce(self, plan: Plan) -> None:
        words = np.frombuffer(plan.encode(), dtype=np.uint8)
        await self._arrival(self._comm.Ibcast(header(len(words)), ROOT), self._comm.Ibcast(words, ROOT))

    async def _gather(self, plan: Plan, own: Values, own_failures: int) -> tuple[Values, list[int]]:
        sizes = plan.row_sizes()
        rows = np.empty(sum(sizes))
        rows[: len(own)] = own
        counts = np.empty(self._comm.size, dtype=np.int64)
        counts[ROOT] = own_failures
        await self._arrival(
            self._comm.Igatherv(MPI.IN_PLACE, [rows, sizes], ROOT), self._comm.Igather(MPI.IN_PLACE, counts, ROOT)
        )
        return rows, [rank for rank in range(1, self._comm.size) if counts[rank]]

    async def _arrival(self, *requests: MPI.Request) -> None:
        await arrival(*requests, patience=self._patience)

    def end(self, code: int) -> None:
        """Send every rank home with an exit code; in the midst of a batch by an abort, which does not return."""
        if self._busy:
            self._comm.Abort(code)
        signal.alarm(_END_SECONDS)  # MPI would wait for a frozen rank for ever
        wait(self._comm.Ibcast(header(code=code), ROOT))
