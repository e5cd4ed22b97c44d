"""What the tests of the MPI program share."""

from functools import partial
from pathlib import Path

import pytest

from services.store.embedded import EmbeddedStore
from tests.mpi.program import Start, started


@pytest.fixture
def start(tmp_path: Path, store_server: EmbeddedStore) -> Start:
    """Starts the program on the tests' store: `async with start(["--queue", "1"], ranks=2) as program`."""
    return partial(started, tmp_path, store_server.url)
