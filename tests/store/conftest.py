"""What the tests of the store share."""

from dataclasses import dataclass

import pytest

from services.store import queues
from services.store.connection import Store


@dataclass
class Clock:
    """The time that the scripts see; it passes when a test says so."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(store: Store) -> Clock:
    store.clock = clock = Clock()
    return clock


@pytest.fixture
async def queue(store: Store) -> int:
    """The index of a queue that hands a job out twice at most."""
    return await queues.create(store, "first", 2)
