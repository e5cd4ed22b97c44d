"""The rounds of kills are no blind guards: in a copy of the system with one broken promise, a round fails."""

import itertools
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kills.chaos import KINDS
from tests.kills.round import Plan
from tests.store.mutants import MUTANTS

ROOT = Path(__file__).parents[2]
SEEN = {
    "a finished job is finished again": "sleep of rank 0",
    "a redelivered job waits at the end": "rank 1",
    "a finished job stays in the queue": "exporter",
}
"""By mutant, what must befall a round that is to see it."""


def plans(kind: str) -> list[Plan]:
    """The first three of the short rounds in which it happens."""
    assert kind in KINDS
    short = (Plan(seed, jobs=1000, lease=3, events=3) for seed in itertools.count())
    return list(itertools.islice((plan for plan in short if kind in plan.kinds()), 3))


def play(folder: Path, plan: Plan) -> subprocess.CompletedProcess[str]:
    """A round of the system in the folder, in a process of its own."""
    command = [sys.executable, *shlex.split(plan.command)[1:]]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The whole system and its tests."""
    for name in ("services", "tests", "cli"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.timeout(900)
@pytest.mark.parametrize("breaks", SEEN)
def test_a_round_sees(breaks: str, copy: Path) -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.breaks == breaks)
    mutant.apply(copy / "services" / "store" / "lua")
    # More than one: who is put to sleep may have nothing under way at that moment, and then nothing is to be seen.
    played = (play(copy, plan) for plan in plans(SEEN[breaks]))
    seen = next((one for one in played if one.returncode), None)
    assert seen, "three rounds passed"
    assert seen.returncode == 1, seen.stderr
    assert "replay: python -m tests.kills.round" in seen.stderr


@pytest.mark.timeout(900)
def test_a_round_of_the_copy_without_a_mutant_passes(copy: Path) -> None:
    played = play(copy, plans("sleep of rank 0")[0])
    assert played.returncode == 0, played.stderr
