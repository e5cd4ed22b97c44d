"""Runs as MPIJobs of the Kubeflow MPI Operator.

Nothing of a run is kept here: every replica of the service looks at the store's records and the cluster's objects every
few seconds and does what is due. Doing it twice changes nothing, so whichever replica is up will do.
"""

import asyncio
import logging
import time
from contextlib import suppress

from services.calculations.runners.kubernetes import Cluster
from services.calculations.runners.manifest import Template
from services.calculations.runners.probe import Probe
from services.calculations.runners.sight import NO_OPERATOR
from services.calculations.runners.watch import Watch
from services.config import Settings
from services.errors import ConflictError, UnavailableError
from services.models import Run, RunState
from services.store.connection import Store
from services.web import endless

ROUND_SECONDS = 2.0
_log = logging.getLogger(__name__)


class MpiJobRunner:
    """Creates the MPIJob of a run, and watches all of them (watch.py)."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._settings = settings
        self._template = Template.read(settings.mpijob.template)
        self._cluster = Cluster.of_pod()
        self._probe = Probe(self._cluster, self._template)
        watch = Watch(store, settings, self._cluster, self._template, self._probe, self.start)
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(endless.repeat("watch runs", watch.look_round, self._until_next))

    async def start(self, run: Run) -> None:
        """Create the run's MPIJob; raises UnavailableError where there is no operator or the cluster refuses."""
        try:
            await self._cluster.create_mpijob(self._template.fill(run))
        except ConflictError:
            _log.info("the MPIJob of run %d is there already", run.id, extra={"run": run.id})

    def stop(self, run_id: int) -> None:
        """Look at once: a run that has not begun cannot see the wish in its record."""
        _log.info("run %d shall stop", run_id, extra={"run": run_id})
        self._wake.set()

    async def check(self) -> str:
        """Let the cluster judge a run's manifest, and an operator take up one that starts nothing.

        Raises UnavailableError with what is wrong.
        """
        sample = Run(0, 1, RunState.PENDING, "", self._settings.run.processes, time.time())
        await self._cluster.create_mpijob(self._template.fill(sample), dry_run=True)
        if not await self._probe.operator():
            raise UnavailableError(NO_OPERATOR, 60)
        return "mpijob: the cluster knows MPIJobs with all that a run needs, and an MPI Operator takes them up"

    async def close(self) -> None:
        """Stop to watch; runs go on, and the other replicas or the next one watch them."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._cluster.close()

    async def _until_next(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), ROUND_SECONDS)
        self._wake.clear()
