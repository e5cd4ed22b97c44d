"""The suites of helm-unittest in unittest/: what a person who knows Helm and no Python can read and add to."""

import shutil
import subprocess
from pathlib import Path

from tests.chart.conftest import PLACES
from tests.chart.rendering import CHART

PROGRAM = shutil.which("untt", path=PLACES) or "untt"
FOLDER = Path("tests/chart/unittest")


def test_the_suites_pass() -> None:
    suites = sorted(FOLDER.glob("*_test.yaml"))
    command = [PROGRAM, "--file", f"../../{FOLDER}/*_test.yaml", str(CHART)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(suites)} passed, {len(suites)} total" in done.stdout
