"""Whatever is killed while people push, cancel and pull: nothing is lost, nothing happens twice, order is kept."""

import pytest

from tests.kills import round as rounds
from tests.kills.chaos import KINDS
from tests.kills.round import Plan

PLANS = [Plan(seed, jobs=1000, lease=3, events=3) for seed in range(3)]
"""`make soak` plays more and longer ones."""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"seed {plan.seed}")
def test_nothing_is_lost_and_nothing_done_twice(plan: Plan) -> None:
    report = rounds.run(plan)
    assert report.redelivered > 0 or "SIGTERM" in plan.kinds()


def test_the_rounds_kill_everything() -> None:
    assert {kind for plan in PLANS for kind in plan.kinds()} == set(KINDS)
