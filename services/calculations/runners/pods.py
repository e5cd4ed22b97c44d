"""What the pods of a run say about it: pure functions of what the Kubernetes API answered."""

from collections.abc import Iterable, Iterator

from services.calculations.runners.kubernetes import Manifest

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


def ends(pods: Iterable[Manifest]) -> Iterator[str]:
    """How each pod that failed did so; the launcher comes last, whose last words may follow."""
    for pod in sorted(pods, key=is_launcher):
        status = pod.get("status", {})
        if status.get("phase") != "Failed":
            continue
        if status.get("reason"):
            yield f"pod {name(pod)}: {status['reason']}: {status.get('message', '')}".rstrip(": ")
        for container in status.get("containerStatuses") or []:
            end = container.get("state", {}).get("terminated")
            if end:
                yield f"pod {name(pod)} ended with {end['exitCode']} ({end.get('reason', 'Error')})"


def troubles(pod: Manifest) -> Iterator[str]:
    """Why it does not start: no node takes it, or a container of it cannot run."""
    status = pod.get("status", {})
    for one in status.get("conditions") or []:
        if one["type"] == "PodScheduled" and one["status"] == "False":
            yield f"pod {name(pod)} cannot be placed: {one.get('message', one.get('reason', ''))}"
    for container in status.get("containerStatuses") or []:
        waiting = container.get("state", {}).get("waiting", {})
        if waiting.get("reason") in _TROUBLE:
            yield f"pod {name(pod)}: {waiting['reason']}: {waiting.get('message', '')}".rstrip(": ")


def is_ready(pod: Manifest) -> bool:
    """Whether it answers its readiness probe."""
    found = pod.get("status", {}).get("conditions") or []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in found)


def is_launcher(pod: Manifest) -> bool:
    """Whether rank 0 and mpiexec are in it, and not ranks only."""
    return str(pod["metadata"].get("labels", {}).get("foresail/role", "")) == _LAUNCHER


def name(pod: Manifest) -> str:
    """Its name, as kubectl knows it."""
    return str(pod["metadata"]["name"])
