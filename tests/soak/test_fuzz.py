"""The fuzz of the parsers of foreign input once more, with a hundred times as many examples, and others each time."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(file.relative_to(ROOT) for file in ROOT.glob("tests/unit/**/test_fuzz_*.py"))
HOUR = 3600


@pytest.mark.timeout(HOUR)
@pytest.mark.parametrize("file", FILES, ids=str)
def test_nothing_is_found(file: Path) -> None:
    options = ("--hypothesis-profile=soak", "--hypothesis-show-statistics", f"--timeout={HOUR}")
    command = (sys.executable, "-m", "pytest", *options, str(file))
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(done.stdout)  # noqa: T201 (pytest shows it where something is wrong)
    assert done.returncode == 0
