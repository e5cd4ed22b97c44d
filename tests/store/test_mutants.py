"""The schedules are no blind guards: each mutant of a script makes one of them fail, and soon."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.store import scripts
from services.store.embedded import EmbeddedStore
from tests.store import schedules
from tests.store.mutants import MUTANTS, Mutant
from tests.store.schedule import Divergence

SCHEDULES = 150
"""A mutant that as many do not see is not seen."""


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedStore]:
    with schedules.store() as started:
        yield started


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the scripts, from which they are loaded now."""
    copied = shutil.copytree(str(scripts.FOLDER), tmp_path / "lua")
    monkeypatch.setattr(scripts, "FOLDER", copied)
    scripts.script.cache_clear()
    yield copied
    scripts.script.cache_clear()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.breaks)
def test_the_schedules_see(mutant: Mutant, folder: Path, server: EmbeddedStore) -> None:
    mutant.apply(folder)
    with pytest.raises(Divergence, match=r"again: python -m tests\.store\.schedules \d+"):
        schedules.run_at(server, range(SCHEDULES))


def test_a_copy_without_a_mutant_passes(folder: Path, server: EmbeddedStore) -> None:
    assert list(folder.iterdir())
    schedules.run_at(server, range(5))
