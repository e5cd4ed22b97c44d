"""MPIJobs and pods as the Kubernetes API gives them, cut down to what is looked at."""

from datetime import UTC, datetime
from typing import Any

from services.models import Run, RunState

NOW = 1_800_000_000.0
CREATED = "2027-01-15T08:00:00Z"  # NOW

Manifest = dict[str, Any]


def mpijob(*conditions: Manifest, workers: int = 1, completed: bool = True, age: float = 60.0) -> Manifest:
    """An MPIJob of that age; the operator has taken it up unless there are no conditions at all."""
    status: Manifest = {"conditions": list(conditions)} if conditions else {}
    if completed and any(one["type"] in ("Failed", "Succeeded") for one in conditions):
        status["completionTime"] = CREATED
    stamp = datetime.fromtimestamp(NOW - age, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "metadata": {"name": "foresail-run-7", "creationTimestamp": stamp},
        "spec": {"mpiReplicaSpecs": {"Launcher": {"replicas": 1}, "Worker": {"replicas": workers}}},
        "status": status,
    }


def condition(kind: str, reason: str = "", message: str = "") -> Manifest:
    return {"type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": CREATED}


def pod(role: str, **status: Any) -> Manifest:
    name = "foresail-run-7-launcher-x2x" if role == "launcher" else "foresail-run-7-worker-0"
    return {"metadata": {"name": name, "labels": {"foresail/role": role}}, "status": status}


def run(state: RunState = RunState.PENDING, **others: Any) -> Run:
    known: dict[str, Any] = {"id": 7, "queue": 3, "owner": "mia", "processes": 2, "created": NOW - 60, **others}
    return Run(state=state, **known)
