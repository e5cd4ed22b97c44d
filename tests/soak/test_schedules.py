"""Ten thousand schedules of sixty steps: whatever happens in whatever order, the store does what the reference does."""

import os

import pytest

from tests.store import schedules

FIRST, COUNT = 0, 10_000


@pytest.mark.timeout(7200)
def test_the_store_agrees_with_the_reference() -> None:
    schedules.run_many(FIRST, COUNT, os.cpu_count() or 1)
