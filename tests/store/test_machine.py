"""The same comparison led by hypothesis, which shrinks what it finds: the steps of a schedule are its rules."""

import asyncio
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from services.store.embedded import EmbeddedStore
from tests.store import schedules
from tests.store.schedule import DEEDS, Deed, Schedule

CHANCE = st.randoms(use_true_random=False)
"""Hypothesis' own choices, in the form that a schedule takes them."""


class QueueMachine(RuleBasedStateMachine):
    """Claims by several claimers, expiry, stale completions, cancel, pause, delete and the rest, in any order."""

    server: EmbeddedStore

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.schedule = Schedule(self.server, 0)

    @initialize()
    def begin(self) -> None:
        self.runner.run(self.schedule.begin())

    @rule(deed=st.sampled_from([deed for deed, _ in DEEDS]), chance=CHANCE)
    def step(self, deed: Deed, chance: Random) -> None:
        self.schedule.draw = chance
        self.runner.run(self.schedule.step(deed))

    def teardown(self) -> None:
        self.runner.run(self.schedule.end())
        self.runner.run(self.schedule.store.close())
        self.runner.close()


@pytest.mark.timeout(300)
def test_the_store_agrees_with_the_reference_whatever_hypothesis_tries() -> None:
    with schedules.store() as server, schedules.small_pieces():
        QueueMachine.server = server
        run_state_machine_as_test(QueueMachine, settings=settings(max_examples=40, stateful_step_count=30))
