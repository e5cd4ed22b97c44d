"""Pods are replaced under a steady load, and no request fails."""

import subprocess

import pytest

from tests.e2e.kube import get, kubectl
from tests.e2e.load import PATHS, failures, steady
from tests.e2e.system import Person

pytestmark = pytest.mark.timeout(900)
SERVICES = ("auth", "masterdata", "queueing", "calculations")


def test_a_restart_of_every_service_fails_no_request(manager: Person) -> None:
    with steady(manager) as answers:
        for name in SERVICES:
            kubectl("rollout", "restart", f"deployment/foresail-{name}")
        for name in SERVICES:
            kubectl("rollout", "status", f"deployment/foresail-{name}", "--timeout=300s")
    assert failures(answers) == {}
    assert len(answers) == len(PATHS)
    assert min(answers.values()) > 20


def test_an_upgrade_fails_no_request_and_leaves_the_store_alone(manager: Person) -> None:
    (before,) = get("pods", "-l", "app.kubernetes.io/component=store")
    with steady(manager) as answers:
        # An upgrade that changes a setting: every service gets new pods.
        helm("upgrade", "foresail", "charts/foresail", "--reuse-values", "--set", "config.jobs.longest_horizon=365")
        for name in SERVICES:
            kubectl("rollout", "status", f"deployment/foresail-{name}", "--timeout=300s")
    assert failures(answers) == {}
    (after,) = get("pods", "-l", "app.kubernetes.io/component=store")
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    refused = manager.http.post("/masterdata/jobs", json={"assets": [0], "horizon": 366})
    assert refused.status_code == 422


def helm(*words: str) -> None:
    done = subprocess.run(["helm", "--namespace", "foresail", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
