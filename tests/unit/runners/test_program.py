"""The service reads the program's exit codes as the program means them."""

import pytest

from services.calculations.runners.program import EXIT_STATES
from services.drain.ending import Ending
from services.models import RunState


@pytest.mark.parametrize("state", [RunState.DONE, RunState.FAILED, RunState.STOPPED])
def test_an_exit_code_says_how_the_run_ended(state: RunState) -> None:
    assert EXIT_STATES.get(Ending(state).code, RunState.FAILED) is state
