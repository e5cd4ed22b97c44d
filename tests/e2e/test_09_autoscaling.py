"""More load, more pods: the autoscaler sees the services' CPU."""

import pytest

from tests.e2e.kube import get, kubectl
from tests.e2e.load import steady
from tests.e2e.system import Person
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(900)
NAME = "foresail-masterdata"


def test_a_service_scales_out_under_load(manager: Person) -> None:
    assert _autoscaler()["status"]["desiredReplicas"] == 2
    # Little cores make a little load large.
    kubectl("patch", "hpa", NAME, "--type=json", "--patch", _target("20m"))
    try:
        with steady(manager, threads=4, pause=0.001):
            wait_until(lambda: _autoscaler()["status"]["desiredReplicas"] > 2, "the autoscaler wants more pods", 300)
    finally:
        kubectl("patch", "hpa", NAME, "--type=json", "--patch", _target("500m"))


def _autoscaler() -> dict[str, dict[str, int]]:
    (found,) = get("hpa", "--field-selector", f"metadata.name={NAME}")
    return found


def _target(cpu: str) -> str:
    return f'[{{"op": "replace", "path": "/spec/metrics/0/resource/target/averageValue", "value": "{cpu}"}}]'
