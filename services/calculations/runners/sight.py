"""What an MPIJob and its pods say about a run: pure functions of what the Kubernetes API answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.calculations.runners.kubernetes import Manifest
from services.calculations.runners.pods import ends, is_launcher, is_ready, name, troubles

QUIET_SECONDS = 5.0
"""What an operator needs for a new MPIJob, and more; after it its silence is worth telling."""
NO_OPERATOR = (
    f"no MPI Operator takes MPIJobs up within {QUIET_SECONDS:g} s: is it running? "
    "See kubectl get pods --namespace mpi-operator"
)


@dataclass(frozen=True, slots=True)
class Sight:
    """How a run's MPIJob stands: `failed` with a reason, or why it waits."""

    failed: bool
    reason: str
    suspended: bool = False
    launcher: str = ""
    """The launcher's pod, if there is one."""


def look(mpijob: Manifest, pods: Sequence[Manifest], now: float, *, operator: bool = True) -> Sight:
    """Judge an MPIJob by its conditions and pods. `now` is in UTC seconds.

    `operator`: whether one is at work, which matters only for an MPIJob that is `unheeded`.
    """
    launcher = next((name(pod) for pod in pods if is_launcher(pod)), "")
    failed = condition(mpijob, "Failed")
    if failed is not None:
        return Sight(True, _failure(failed, pods), launcher=launcher)
    if condition(mpijob, "Suspended") is not None:
        return Sight(False, "waits to be admitted: its MPIJob is suspended", suspended=True, launcher=launcher)
    if any(ends(pod for pod in pods if is_launcher(pod))):
        return Sight(True, "; ".join(ends(pods)), launcher=launcher)
    return Sight(False, _waits(mpijob, pods, now, operator=operator), launcher=launcher)


def unheeded(mpijob: Manifest, now: float) -> bool:
    """Whether the operator has had time for it and wrote nothing down, as it does while pods are refused, too."""
    return not mpijob.get("status", {}).get("conditions") and age(mpijob, now) >= QUIET_SECONDS


def age(mpijob: Manifest, now: float) -> float:
    """Seconds since its creation."""
    return now - _seconds(mpijob["metadata"]["creationTimestamp"])


def condition(mpijob: Manifest, kind: str) -> Manifest | None:
    """The condition of this kind, if it holds."""
    found = mpijob.get("status", {}).get("conditions") or []
    return next((one for one in found if one["type"] == kind and one["status"] == "True"), None)


def finished(mpijob: Manifest) -> float | None:
    """When the MPIJob ended, in UTC seconds; none while it goes on."""
    for kind in ("Succeeded", "Failed"):
        found = condition(mpijob, kind)
        if found is not None:
            return _seconds(found["lastTransitionTime"])
    return None


def unclean(mpijob: Manifest) -> bool:
    """Whether its pods go on unless it is deleted: the operator cleans up after no failure without completion time."""
    return condition(mpijob, "Failed") is not None and "completionTime" not in mpijob.get("status", {})


def _failure(failed: Manifest, pods: Sequence[Manifest]) -> str:
    ended = list(ends(pods))
    said = f"{failed.get('reason', 'Failed')}: {failed.get('message', '')}".rstrip(": ")
    return "; ".join(ended if ended and failed.get("reason") == "BackoffLimitExceeded/" else [*ended, said])


def _waits(mpijob: Manifest, pods: Sequence[Manifest], now: float, *, operator: bool) -> str:
    describe = f"see kubectl describe mpijob {mpijob['metadata']['name']}"
    if unheeded(mpijob, now):
        return f"its pods are refused: a quota or an admission rule; {describe}" if operator else NO_OPERATOR
    told = [trouble for pod in pods for trouble in troubles(pod)]
    if told:
        return "; ".join(dict.fromkeys(told))
    wanted = int(mpijob["spec"]["mpiReplicaSpecs"].get("Worker", {}).get("replicas", 0))
    workers = [pod for pod in pods if not is_launcher(pod)]
    # Without workers, the launcher's pod is the first; else it comes after them.
    missing = len(workers) < wanted or not pods
    if missing and age(mpijob, now) > QUIET_SECONDS:
        made = f"{len(workers)} of {wanted} worker pods" if wanted else "no pod"
        return f"{made} could be made: a quota or an admission rule? {describe}"
    ready = sum(is_ready(pod) for pod in pods)
    return f"starting: {ready} of {wanted + 1} pods are ready"


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
