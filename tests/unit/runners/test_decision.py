"""What is done with a run's record and its MPIJob."""

import pytest

from services.calculations.runners.decision import Decision, decide
from services.calculations.runners.sight import Sight
from services.config import Settings
from services.models import RunState
from tests.unit.runners.objects import NOW, condition, mpijob, run

WAITS = Sight(failed=False, reason="starting: 0 of 2 pods are ready")
FAILED = Sight(failed=True, reason="pod x ended with 1 (Error)")
CREATED = condition("Created")
SETTINGS = Settings()
DAY = 86400.0


def test_a_run_that_waits_gets_its_reason_noted() -> None:
    assert decide(run(), mpijob(CREATED), WAITS, NOW, SETTINGS) == Decision(note=WAITS.reason)


def test_a_run_that_waits_too_long_is_given_up_with_its_reason() -> None:
    decision = decide(run(created=NOW - 901), mpijob(CREATED), WAITS, NOW, SETTINGS)
    assert (decision.end, decision.delete) == (RunState.FAILED, True)
    assert decision.reason == f"given up after 900 s: {WAITS.reason}"


def test_a_run_that_waits_to_be_admitted_waits_for_ever() -> None:
    suspended = Sight(failed=False, reason="waits to be admitted", suspended=True)
    decision = decide(run(created=NOW - DAY), mpijob(CREATED), suspended, NOW, SETTINGS)
    assert decision == Decision(note="waits to be admitted")


def test_a_run_that_has_not_begun_is_stopped_by_deleting_its_mpijob() -> None:
    decision = decide(run(stop_requested=True), mpijob(CREATED), WAITS, NOW, SETTINGS)
    assert (decision.end, decision.delete) == (RunState.STOPPED, True)


@pytest.mark.parametrize("state", [RunState.PENDING, RunState.RUNNING])
def test_a_failed_mpijob_ends_its_run_and_is_kept_to_be_looked_at(state: RunState) -> None:
    decision = decide(run(state, heartbeat=NOW), mpijob(CREATED, condition("Failed")), FAILED, NOW, SETTINGS)
    assert decision == Decision(end=RunState.FAILED, reason=FAILED.reason)


def test_pods_that_the_operator_forgets_go_with_their_mpijob() -> None:
    evicted = mpijob(CREATED, condition("Failed", "MPIJobEvicted"), completed=False)
    assert decide(run(RunState.RUNNING, heartbeat=NOW), evicted, FAILED, NOW, SETTINGS).delete


def test_a_run_that_could_not_write_down_that_it_is_done_is_done() -> None:
    succeeded = mpijob(CREATED, condition("Succeeded"))
    decision = decide(run(RunState.RUNNING, heartbeat=NOW), succeeded, WAITS, NOW, SETTINGS, silent=True)
    assert decision == Decision(end=RunState.DONE, reason="its MPIJob succeeded")


def test_a_silent_run_is_over() -> None:
    running = run(RunState.RUNNING, heartbeat=NOW)
    decision = decide(running, mpijob(CREATED), Sight(failed=False, reason=""), NOW, SETTINGS, silent=True)
    assert (decision.end, decision.delete, decision.if_silent) == (RunState.FAILED, True, True)
    assert decision.reason == "it went silent; its leases bring its jobs back"


def test_a_run_whose_place_was_taken_away_says_so() -> None:
    running, suspended = run(RunState.RUNNING, heartbeat=NOW), Sight(failed=False, reason="", suspended=True)
    decision = decide(running, mpijob(CREATED), suspended, NOW, SETTINGS, silent=True)
    assert decision.reason == "its MPIJob was suspended; its leases bring its jobs back"


@pytest.mark.parametrize("ahead", [0.0, DAY], ids=["right", "a clock that runs ahead"])
def test_a_run_that_goes_on_is_left_alone(ahead: float) -> None:
    going = run(RunState.RUNNING, heartbeat=NOW - 2 - ahead)
    assert decide(going, mpijob(CREATED), WAITS, NOW, SETTINGS) == Decision()


@pytest.mark.parametrize(("ended_ago", "delete"), [(599.0, False), (601.0, True)])
def test_a_finished_mpijob_is_deleted_in_time(ended_ago: float, delete: bool) -> None:
    over = run(RunState.DONE, finished=NOW - 1)
    succeeded = mpijob(CREATED, condition("Succeeded"))
    assert decide(over, succeeded, WAITS, NOW + ended_ago, SETTINGS).delete is delete


def test_a_program_that_outlives_its_run_is_deleted() -> None:
    over = run(RunState.FAILED, finished=NOW - 31)
    assert decide(over, mpijob(CREATED), WAITS, NOW, SETTINGS).delete


def test_an_mpijob_without_a_record_is_deleted() -> None:
    assert decide(None, mpijob(CREATED), WAITS, NOW, SETTINGS) == Decision(delete=True)
