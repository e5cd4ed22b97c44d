"""Why a run waits or failed, said from what the cluster shows of it."""

import pytest

from services.calculations.runners.sight import look, unheeded
from tests.unit.runners.objects import NOW, Manifest, condition, mpijob, pod

CREATED = condition("Created")
UNPLACED = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "Unschedulable",
    "message": "0/2 nodes: Insufficient cpu",
}
NO_IMAGE = {"state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}}


@pytest.mark.parametrize(
    ("job", "pods", "reason"),
    [
        (mpijob(age=1), [], "starting"),
        (mpijob(age=9), [], "its pods are refused: a quota"),
        (mpijob(CREATED), [pod("worker", conditions=[UNPLACED])], "cannot be placed: 0/2 nodes: Insufficient cpu"),
        (mpijob(CREATED), [pod("worker", containerStatuses=[NO_IMAGE])], "ImagePullBackOff: Back-off pulling image"),
        (mpijob(CREATED, workers=3), [pod("worker")], "1 of 3 worker pods could be made: a quota"),
        (mpijob(CREATED, workers=0), [], "no pod could be made: a quota"),
        (mpijob(CREATED, workers=0, age=1), [], "0 of 1 pods are ready"),
        (mpijob(CREATED), [pod("worker", conditions=[{"type": "Ready", "status": "True"}])], "1 of 2 pods are ready"),
        (mpijob(CREATED, condition("Suspended")), [], "waits to be admitted"),
    ],
)
def test_a_run_that_waits_says_for_what(job: Manifest, pods: list[Manifest], reason: str) -> None:
    sight = look(job, pods, NOW)
    assert not sight.failed
    assert reason in sight.reason


def test_a_missing_operator_is_told_from_refused_pods() -> None:
    assert unheeded(mpijob(age=9), NOW)
    assert not unheeded(mpijob(age=1), NOW)
    assert not unheeded(mpijob(CREATED, age=9), NOW)
    assert look(mpijob(age=9), [], NOW, operator=False).reason.startswith("no MPI Operator takes MPIJobs up")


def test_a_failed_launcher_says_how_it_ended_before_the_operator_does() -> None:
    ended = {"state": {"terminated": {"exitCode": 1, "reason": "Error"}}}
    sight = look(mpijob(CREATED), [pod("launcher", phase="Failed", containerStatuses=[ended])], NOW)
    assert sight.failed
    assert sight.reason == "pod foresail-run-7-launcher-x2x ended with 1 (Error)"
    assert sight.launcher == "foresail-run-7-launcher-x2x"


def test_a_launcher_that_failed_because_a_worker_was_evicted_says_so() -> None:
    ended = {"state": {"terminated": {"exitCode": 255}}}
    launcher = pod("launcher", phase="Failed", containerStatuses=[ended])
    evicted = pod("worker", phase="Failed", reason="Evicted", message="The node was low on resource: memory.")
    for job in (mpijob(CREATED), mpijob(CREATED, condition("Failed", "BackoffLimitExceeded/"))):
        sight = look(job, [launcher, evicted], NOW)
        assert sight.failed
        worker = "pod foresail-run-7-worker-0: Evicted: The node was low on resource: memory."
        assert sight.reason == f"{worker}; pod foresail-run-7-launcher-x2x ended with 255 (Error)"


def test_an_evicted_worker_is_a_failure_with_its_reason() -> None:
    evicted = pod("worker", phase="Failed", reason="Evicted", message="The node was low on resource: memory.")
    failed = condition("Failed", "MPIJobEvicted", "1/1 workers are evicted")
    sight = look(mpijob(CREATED, failed, completed=False), [evicted], NOW)
    assert sight.failed
    assert "Evicted: The node was low on resource: memory." in sight.reason
    assert "1/1 workers are evicted" in sight.reason
