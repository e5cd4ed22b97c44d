"""What is due for a run's record and its MPIJob: one pure function."""

from dataclasses import dataclass

from services.calculations.runners.kubernetes import Manifest
from services.calculations.runners.sight import Sight, condition, finished, unclean
from services.calculations.runners.silence import JOBS_COME_BACK, SILENT
from services.config import Settings
from services.models import ACTIVE_RUN, Run, RunState

GRACE_SECONDS = 30.0
"""That the program of an ended run has to end itself."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Note why a run waits, end its record, delete its MPIJob: each where it is due."""

    note: str = ""
    end: RunState | None = None
    reason: str = ""
    delete: bool = False
    if_silent: bool = False
    """End and delete it only if it was not heard of since its record was read."""


def decide(
    run: Run | None, mpijob: Manifest, sight: Sight, now: float, settings: Settings, *, silent: bool = False
) -> Decision:
    """Judge a run (none: its record is gone) by its record and by what can be seen of its MPIJob.

    `silent`: whether it was not heard of for the time of a lease (silence.py).
    """
    if run is None:
        return Decision(delete=True)
    if run.state not in ACTIVE_RUN:
        return Decision(delete=_over(run, mpijob, now, settings.mpijob.keep_seconds))
    if sight.failed:
        return Decision(end=RunState.FAILED, reason=sight.reason, delete=unclean(mpijob))
    if run.state is RunState.PENDING:
        return pending(run, sight, now, settings.mpijob.pending_seconds)
    if condition(mpijob, "Succeeded") is not None:
        return Decision(end=RunState.DONE, reason="its MPIJob succeeded")
    return _gone_silent(sight) if silent else Decision()


def _gone_silent(sight: Sight) -> Decision:
    reason = f"its MPIJob was suspended; {JOBS_COME_BACK}" if sight.suspended else SILENT
    return Decision(end=RunState.FAILED, reason=reason, delete=True, if_silent=True)


def _over(run: Run, mpijob: Manifest, now: float, keep_seconds: float) -> bool:
    """An ended run's MPIJob is kept to be looked at, unless its pods would go on for nobody."""
    if unclean(mpijob):
        return True
    since = finished(mpijob)
    if since is None:
        return now - (run.finished or now) > min(keep_seconds, GRACE_SECONDS)
    return now - since > keep_seconds


def pending(run: Run, sight: Sight, now: float, pending_seconds: float) -> Decision:
    """Judge a run that has not begun, by why it waits."""
    if run.stop_requested:
        return Decision(end=RunState.STOPPED, reason="stopped on request before it began", delete=True)
    if now - run.created > pending_seconds and not sight.suspended:
        reason = f"given up after {pending_seconds:g} s: {sight.reason}"
        return Decision(end=RunState.FAILED, reason=reason, delete=True)
    return Decision(note=sight.reason)
