"""What the tests of the API share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.process import short_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of this test alone, whose path is short enough for a socket."""
    with short_folder() as found:
        yield found
