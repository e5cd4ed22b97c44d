"""What goes wrong with one part on any rank reaches rank 0, and the other parts come through."""

import json
import subprocess
import sys

import numpy as np
import pytest

from services.forecasting.rows import forecast_rows
from tests.mpi import long_series
from tests.mpi.program import MPIEXEC
from tests.mpi.two_parts import PANEL, PARTS


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_a_part_that_cannot_be_forecast_says_why(ranks: int) -> None:
    command = [str(MPIEXEC), "-n", str(ranks), sys.executable, "-m", "mpi4py", "-m", "tests.mpi.two_parts"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    said = json.loads(done.stdout)
    assert list(said["failures"]) == ["0"]
    assert said["failures"]["0"].startswith("ols could not forecast: 50 steps are too few")
    expected = forecast_rows("naive", PANEL, 3, PARTS[1].levels)
    np.testing.assert_array_equal(np.reshape(said["rows"], expected.shape), expected)


@pytest.mark.parametrize("limit", ["bytes", "cost"])
@pytest.mark.parametrize("ranks", [1, 2])
def test_what_is_too_much_at_once_is_dealt_out_and_can_be_stored_in_pieces(ranks: int, limit: str) -> None:
    command = [str(MPIEXEC), "-n", str(ranks), sys.executable, "-m", "mpi4py", "-m", "tests.mpi.long_series", limit]
    said = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    ids, step = [job.id for job in long_series.JOBS], long_series.AT_ONCE
    assert said["jobs"] == [ids[at : at + step] for at in range(0, len(ids), step)]
    assert said["sizes"] == [len(piece) * long_series.PANEL_BYTES for piece in said["jobs"]]
