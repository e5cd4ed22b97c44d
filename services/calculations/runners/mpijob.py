"""Runs as MPIJobs of the Kubeflow MPI Operator.

Nothing of a run is kept here: every replica of the service looks at the store's records and the cluster's objects every
few seconds and does what is due. Doing it twice changes nothing, so whichever replica is up will do.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress

from services.calculations.runners import last_words
from services.calculations.runners.decision import Decision, decide
from services.calculations.runners.kubernetes import Cluster, Manifest
from services.calculations.runners.manifest import RUN_LABEL, Template
from services.calculations.runners.probe import Probe
from services.calculations.runners.sight import NO_OPERATOR, look, unheeded
from services.config import Settings
from services.errors import ConflictError, NotFoundError, UnavailableError
from services.models import Run, RunState
from services.store import runs
from services.store.connection import Store
from services.web import endless

ROUND_SECONDS = 2.0
_ORPHAN_SECONDS = 5.0
"""After which a pending run without an MPIJob counts as forgotten by a replica that died."""
_NO_OPERATOR = "no Kubeflow MPI Operator is installed in this cluster: it does not know MPIJobs"
_log = logging.getLogger(__name__)


class MpiJobRunner:
    """Creates the MPIJob of a run and sees to it that record and MPIJob do not outlive each other."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._template = Template.read(settings.mpijob.template)
        self._cluster = Cluster.of_pod()
        self._probe = Probe(self._cluster, self._template)
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(endless.repeat("watch runs", self.look_round, self._until_next))

    async def start(self, run: Run) -> None:
        """Create the run's MPIJob; raises UnavailableError where there is no operator or the cluster refuses."""
        try:
            await self._cluster.create_mpijob(self._template.fill(run))
        except NotFoundError as error:
            raise UnavailableError(_NO_OPERATOR, 60) from error
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
        try:
            await self._cluster.create_mpijob(self._template.fill(sample), dry_run=True)
        except NotFoundError as error:
            raise UnavailableError(_NO_OPERATOR, 60) from error
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

    async def look_round(self) -> None:
        """Compare every MPIJob with its run's record, and do what is due."""
        mpijobs = await self._mpijobs()
        pods = await self._pods() if mpijobs else {}
        active = await runs.active(self._store)
        known = {run.id: run for run in [*await runs.get_many(self._store, mpijobs), *active]}
        now = time.time()
        waiting = any(unheeded(mpijob, now) for mpijob in mpijobs.values())
        operator = await self._probe.recent() if waiting else True
        for run_id, mpijob in mpijobs.items():
            run = known.get(run_id)
            sight = look(mpijob, pods.get(run_id, []), now, operator=operator)
            await self._act(run, mpijob, decide(run, mpijob, sight, now, self._settings), sight.launcher)
        for run in active:
            forgotten = run.state is RunState.PENDING and now - run.created > _ORPHAN_SECONDS
            if forgotten and run.id not in mpijobs:
                await self._take_up(run)

    async def _take_up(self, run: Run) -> None:
        """Create the MPIJob that a replica did not come to create; a run that shall stop needs none."""
        if run.stop_requested:
            await runs.end(self._store, run.id, RunState.STOPPED, "stopped on request before it began")
            return
        await self.start(run)
        await runs.note(self._store, run.id, "starting")

    async def _act(self, run: Run | None, mpijob: Manifest, decision: Decision, launcher: str) -> None:
        if run is not None and decision.note:
            await runs.note(self._store, run.id, decision.note)
        if run is not None and decision.end is not None:
            tail = await self._tail(launcher) if decision.end is RunState.FAILED and launcher else ""
            if await runs.end(self._store, run.id, decision.end, decision.reason + tail):
                _log.info("run %d is %s: %s", run.id, decision.end, decision.reason, extra={"run": run.id})
        if decision.delete:
            await self._cluster.delete_mpijob(str(mpijob["metadata"]["name"]))

    async def _tail(self, launcher: str) -> str:
        lines = await self._cluster.log_tail(launcher, 4 * last_words.MOST_LINES)
        said = [text for line in lines if (text := last_words.worth(line))]
        return f"; its last words: {' | '.join(said[-last_words.MOST_LINES :])}" if said else ""

    async def _mpijobs(self) -> dict[int, Manifest]:
        try:
            found = await self._cluster.list_mpijobs(self._template.selector)
        except NotFoundError as error:
            raise UnavailableError(_NO_OPERATOR, 60) from error
        return {_run_id(one): one for one in found if "deletionTimestamp" not in one["metadata"]}

    async def _pods(self) -> Mapping[int, Sequence[Manifest]]:
        pods: defaultdict[int, list[Manifest]] = defaultdict(list)
        for pod in await self._cluster.list_pods(self._template.selector):
            pods[_run_id(pod)].append(pod)
        return pods


def _run_id(manifest: Manifest) -> int:
    return int(manifest["metadata"]["labels"][RUN_LABEL])
