"""The real store does whatever the reference does, in any order of operations, with time and kills in between."""

import pytest

from tests.store import schedules

COUNT = 200
"""The same ones every time; `make soak` runs many more."""


@pytest.mark.timeout(300)
def test_the_store_agrees_with_the_reference() -> None:
    done = schedules.run(range(COUNT), steps=40)
    assert any("the store is killed and started again" in schedule.log for schedule in done)
