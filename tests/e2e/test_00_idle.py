"""An installation that has nothing to do needs little. Only true of a fresh one, so this comes first."""

import json
import sys
from collections import defaultdict
from datetime import datetime, timedelta

import pytest

from tests.e2e.kube import Manifest, get, kubectl, pods
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(600)
MOST_MILLICORES, MOST_MIB = 100, 600
SETTLED = timedelta(seconds=30)
"""After a pod got ready: what it does for its start counts no more."""
METRICS = "/apis/metrics.k8s.io/v1beta1/namespaces/foresail/pods"


def test_an_idle_installation_is_small(capsys: pytest.CaptureFixture[str]) -> None:
    wait_until(_settled, "metrics-server has seen every pod at rest", 300)
    cores, memory = defaultdict[str, float](float), defaultdict[str, float](float)
    for pod in _metrics():
        for container in pod["containers"]:
            cores[container["name"]] += _number(container["usage"]["cpu"], "n") / 1e6
            memory[container["name"]] += _number(container["usage"]["memory"], "Ki") / 1024
    millicores, mib = sum(cores.values()), sum(memory.values())
    with capsys.disabled():
        parts = ", ".join(f"{name} {cores[name]:.0f} m {memory[name]:.0f} MiB" for name in sorted(cores))
        sys.stdout.write(f"\nidle: {millicores:.0f} millicores, {mib:.0f} MiB ({parts})\n")
    assert len(_metrics()) == len(pods("app.kubernetes.io/name=foresail"))
    assert millicores < MOST_MILLICORES
    assert mib < MOST_MIB


def _metrics() -> list[Manifest]:
    items: list[Manifest] = json.loads(kubectl("get", "--raw", METRICS))["items"]
    return items


def _settled() -> bool:
    """Whether the time that each pod's figures are of begins well after it got ready."""
    seen = {one["metadata"]["name"]: _when(one["timestamp"]) - _window(one["window"]) for one in _metrics()}
    ready = {pod["metadata"]["name"]: _ready(pod) for pod in get("pods")}
    return bool(ready) and all(
        since is not None and name in seen and seen[name] >= since + SETTLED for name, since in ready.items()
    )


def _ready(pod: Manifest) -> datetime | None:
    conditions = pod["status"].get("conditions", [])
    found = (one for one in conditions if one["type"] == "Ready" and one["status"] == "True")
    return next((_when(one["lastTransitionTime"]) for one in found), None)


def _when(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def _window(text: str) -> timedelta:
    """Such as 15.2s or 1m0.5s."""
    minutes, _, seconds = text.removesuffix("s").rpartition("m")
    return timedelta(minutes=float(minutes or 0), seconds=float(seconds))


def _number(text: str, unit: str) -> float:
    assert text.endswith(unit) or text.isdigit(), text
    return float(text.removesuffix(unit))
