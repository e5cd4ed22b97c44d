"""Looks at the runs that are MPIJobs: what records and cluster say of each, and what is due."""

import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial

from services.calculations.runners import last_words
from services.calculations.runners.decision import Decision, decide, pending
from services.calculations.runners.kubernetes import Cluster, Manifest
from services.calculations.runners.manifest import RUN_LABEL, Template
from services.calculations.runners.probe import Probe
from services.calculations.runners.sight import Sight, look, unheeded
from services.calculations.runners.silence import JOBS_COME_BACK, Silence
from services.config import Settings
from services.errors import ForesailError
from services.models import Run, RunState
from services.store import runs
from services.store.connection import Store

ORPHAN_SECONDS = 5.0
"""After which a pending run without an MPIJob counts as forgotten by a replica that died."""
Deed = Callable[[], Awaitable[object]]
_log = logging.getLogger(__name__)


class Watch:
    """Sees to it that the record and the MPIJob of a run do not outlive each other."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        cluster: Cluster,
        template: Template,
        probe: Probe,
        start: Callable[[Run], Awaitable[None]],
    ) -> None:
        self._store = store
        self._settings = settings
        self._cluster = cluster
        self._template = template
        self._start = start
        self._probe = probe
        self._silence = Silence(settings.queue.lease_seconds)

    async def look_round(self) -> None:
        """Compare every MPIJob with its run's record, and do what is due.

        What cannot be done for one run is told when all were looked at: the others must not wait for it.
        """
        try:
            deeds = await self._due()
        except Exception:
            self._silence.forget()
            raise
        troubles = [trouble for deed in deeds if (trouble := await _trouble(deed))]
        if troubles:
            raise troubles[0]

    async def _due(self) -> list[Deed]:
        """What is to be done for each run."""
        mpijobs = await self._mpijobs()
        pods = await self._pods() if mpijobs else {}
        active = await runs.active(self._store)
        known = {run.id: run for run in [*await runs.get_many(self._store, mpijobs), *active]}
        silent = self._silence.look(active)
        now = time.time()
        operator = not any(unheeded(mpijob, now) for mpijob in mpijobs.values()) or await self._is_operated()
        deeds: list[Deed] = []
        for run_id, mpijob in mpijobs.items():
            run = known.get(run_id)
            sight = look(mpijob, pods.get(run_id, []), now, operator=operator)
            decision = decide(run, mpijob, sight, now, self._settings, silent=run in silent)
            deeds.append(partial(self._act, run, mpijob, decision, sight.launcher))
        return deeds + [deed for run in active if run.id not in mpijobs for deed in self._without_mpijob(run, silent)]

    async def _is_operated(self) -> bool:
        """Whether an operator is at work, as far as one can know: where the question is refused, so is more."""
        try:
            return await self._probe.recent()
        except ForesailError as error:
            _log.warning("cannot ask whether an MPI Operator is at work: %s", error.detail)
            return True

    def _without_mpijob(self, run: Run, silent: Sequence[Run]) -> Iterator[Deed]:
        """A run whose MPIJob was not created yet, or is gone."""
        if run.state is RunState.PENDING and time.time() - run.created > ORPHAN_SECONDS:
            yield partial(self._take_up, run)
        elif run in silent:
            yield partial(runs.end_silent, self._store, run, f"its MPIJob is gone; {JOBS_COME_BACK}")

    async def _take_up(self, run: Run) -> None:
        """Create the MPIJob that a replica did not come to create; a run that shall stop needs none."""
        decision = Decision(note="starting")
        refusal = await self._started(run) if not run.stop_requested else ""
        if run.stop_requested or refusal:
            sight = Sight(failed=False, reason=refusal)
            decision = pending(run, sight, time.time(), self._settings.mpijob.pending_seconds)
        await self._act(run, None, decision, "")

    async def _started(self, run: Run) -> str:
        """Create the run's MPIJob; why that is refused, if it is."""
        try:
            await self._start(run)
        except ForesailError as error:
            return error.detail
        return ""

    async def _act(self, run: Run | None, mpijob: Manifest | None, decision: Decision, launcher: str) -> None:
        if run is not None and decision.note:
            await runs.note(self._store, run.id, decision.note)
        over = True
        if run is not None and decision.end is not None:
            over = await self._end(run, decision.end, decision, launcher)
        if mpijob is not None and decision.delete and (over or not decision.if_silent):
            await self._cluster.delete_mpijob(str(mpijob["metadata"]["name"]))

    async def _end(self, run: Run, state: RunState, decision: Decision, launcher: str) -> bool:
        """End a run's record; false where it was over already, or is not silent any more."""
        reason = decision.reason + (await self._tail(launcher) if state is RunState.FAILED and launcher else "")
        if decision.if_silent:
            ended = await runs.end_silent(self._store, run, reason)
        else:
            ended = await runs.end(self._store, run.id, state, reason)
        if ended:
            _log.info("run %d is %s: %s", run.id, state, decision.reason, extra={"run": run.id})
        return ended

    async def _tail(self, launcher: str) -> str:
        lines = await self._cluster.log_tail(launcher, 4 * last_words.MOST_LINES)
        said = [text for line in lines if (text := last_words.worth(line))]
        return f"; its last words: {' | '.join(said[-last_words.MOST_LINES :])}" if said else ""

    async def _mpijobs(self) -> dict[int, Manifest]:
        found = await self._cluster.list_mpijobs(self._template.selector)
        return {_run_id(one): one for one in found if "deletionTimestamp" not in one["metadata"]}

    async def _pods(self) -> Mapping[int, Sequence[Manifest]]:
        pods: defaultdict[int, list[Manifest]] = defaultdict(list)
        for pod in await self._cluster.list_pods(self._template.selector):
            pods[_run_id(pod)].append(pod)
        return pods


async def _trouble(deed: Deed) -> Exception | None:
    """What a deed fails of, if it does."""
    try:
        await deed()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one run, the others need their turn
        return error
    return None


def _run_id(manifest: Manifest) -> int:
    return int(manifest["metadata"]["labels"][RUN_LABEL])
