"""Fifty rounds of kills; five of them with the lease of the product, for its promises of time."""

import pytest

from tests.kills import round as rounds
from tests.kills.chaos import KINDS
from tests.kills.round import Plan

LEASE = 30.0
"""Seconds; the default of [queue] lease_seconds."""
RESTART = 2.0
"""Seconds by which a short lease's jobs may be late, for the services that look for them are killed as well."""
AT_ONCE = 2.0
"""Seconds within which jobs are back after SIGTERM."""
SHORT = [Plan(seed, jobs=4000, lease=3, events=len(KINDS)) for seed in range(45)]
PROMISED = [Plan(seed, jobs=2000, lease=LEASE, events=3) for seed in range(45, 50)]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("plan", [*SHORT, *PROMISED], ids=lambda plan: f"seed {plan.seed}")
def test_nothing_is_lost_and_jobs_are_back_in_time(plan: Plan) -> None:
    report = rounds.run(plan)
    assert (report.after_kill or 0) <= min(LEASE, plan.lease + RESTART), f"replay: {plan.command}"
    assert (report.after_sigterm or 0) <= AT_ONCE, f"replay: {plan.command}"
