"""What an MPIJob and its pods say about a run: pure functions of what the Kubernetes API answered."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.calculations.runners.kubernetes import Manifest

QUIET_SECONDS = 5.0
"""What an operator needs for a new MPIJob, and more; after it its silence is worth telling."""
_TROUBLE = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "InvalidImageName",
        "ErrImageNeverPull",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "CrashLoopBackOff",
    }
)
_LAUNCHER = "launcher"
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
    launcher = next((_name(pod) for pod in pods if _role(pod) == _LAUNCHER), "")
    failed = condition(mpijob, "Failed")
    if failed is not None:
        return Sight(True, _failure(failed, pods), launcher=launcher)
    if condition(mpijob, "Suspended") is not None:
        return Sight(False, "waits to be admitted: its MPIJob is suspended", suspended=True, launcher=launcher)
    if any(_ends(pod for pod in pods if _role(pod) == _LAUNCHER)):
        return Sight(True, "; ".join(_ends(pods)), launcher=launcher)
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
    ends = list(_ends(pods))
    said = f"{failed.get('reason', 'Failed')}: {failed.get('message', '')}".rstrip(": ")
    return "; ".join([*ends, said]) if failed.get("reason") != "BackoffLimitExceeded/" or not ends else "; ".join(ends)


def _ends(pods: Iterable[Manifest]) -> Iterator[str]:
    """How each pod that failed did so; the launcher comes last, whose last words may follow."""
    for pod in sorted(pods, key=lambda pod: _role(pod) == _LAUNCHER):
        status = pod.get("status", {})
        if status.get("phase") != "Failed":
            continue
        if status.get("reason"):
            yield f"pod {_name(pod)}: {status['reason']}: {status.get('message', '')}".rstrip(": ")
        for container in status.get("containerStatuses") or []:
            end = container.get("state", {}).get("terminated")
            if end:
                yield f"pod {_name(pod)} ended with {end['exitCode']} ({end.get('reason', 'Error')})"


def _waits(mpijob: Manifest, pods: Sequence[Manifest], now: float, *, operator: bool) -> str:
    describe = f"see kubectl describe mpijob {mpijob['metadata']['name']}"
    if unheeded(mpijob, now):
        return f"its pods are refused: a quota or an admission rule; {describe}" if operator else NO_OPERATOR
    troubles = [trouble for pod in pods for trouble in _troubles(pod)]
    if troubles:
        return "; ".join(dict.fromkeys(troubles))
    wanted = int(mpijob["spec"]["mpiReplicaSpecs"].get("Worker", {}).get("replicas", 0))
    workers = [pod for pod in pods if _role(pod) != _LAUNCHER]
    # Without workers, the launcher's pod is the first; else it comes after them.
    missing = len(workers) < wanted or not pods
    if missing and age(mpijob, now) > QUIET_SECONDS:
        made = f"{len(workers)} of {wanted} worker pods" if wanted else "no pod"
        return f"{made} could be made: a quota or an admission rule? {describe}"
    ready = sum(_ready(pod) for pod in pods)
    return f"starting: {ready} of {wanted + 1} pods are ready"


def _troubles(pod: Manifest) -> Iterator[str]:
    status = pod.get("status", {})
    for one in status.get("conditions") or []:
        if one["type"] == "PodScheduled" and one["status"] == "False":
            yield f"pod {_name(pod)} cannot be placed: {one.get('message', one.get('reason', ''))}"
    for container in status.get("containerStatuses") or []:
        waiting = container.get("state", {}).get("waiting", {})
        if waiting.get("reason") in _TROUBLE:
            yield f"pod {_name(pod)}: {waiting['reason']}: {waiting.get('message', '')}".rstrip(": ")


def _ready(pod: Manifest) -> bool:
    found = pod.get("status", {}).get("conditions") or []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in found)


def _name(pod: Manifest) -> str:
    return str(pod["metadata"]["name"])


def _role(pod: Manifest) -> str:
    return str(pod["metadata"].get("labels", {}).get("foresail/role", ""))


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
