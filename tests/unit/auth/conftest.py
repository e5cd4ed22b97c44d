"""What the tests of the auth service share."""

from collections.abc import Iterator

import pytest

from services.auth.passwords import Passwords
from services.config import AuthSettings

CHEAP = AuthSettings(hash_memory_kib=64, hash_passes=1)
"""Hashes at the least cost there is."""


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords(CHEAP)
    yield made
    made.close()
