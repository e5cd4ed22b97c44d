"""What the field's linters say of the chart and of the Dockerfiles: nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.chart.conftest import HELMS
from tests.chart.rendering import CHART, render

# Its requirements are older than ours, so it has an environment of its own.
CHECKOV = Path(".venv-checkov/bin/checkov")
DOCKERFILES = ["Dockerfile.base", "Dockerfile.mpi", *map(str, sorted(Path("tests/e2e").glob("Dockerfile.*")))]


def test_hadolint_has_nothing_to_say_of_the_dockerfiles() -> None:
    assert len(DOCKERFILES) >= 3
    done = _run(str(Path(sys.executable).parent / "hadolint"), *DOCKERFILES)
    assert done.returncode == 0, done.stdout


@pytest.mark.timeout(300)
def test_checkov_finds_no_weakness_in_chart_and_dockerfiles(tmp_path: Path) -> None:
    assert CHECKOV.exists(), "type `make test`: it installs checkov"
    rendered = tmp_path / "everything.yaml"
    rendered.write_text(render(HELMS[0], "--values", str(CHART / "ci/everything.yaml")).text, "utf-8")
    # skip-download: it would ask its vendor for more rules and the texts that go with them.
    options = ["--config-file", "tests/chart/checkov.yaml", "--skip-download", "--quiet", "--compact"]
    frameworks = ["--framework", "kubernetes", "dockerfile"]
    done = _run(str(CHECKOV), *options, *frameworks, "--file", str(rendered), *DOCKERFILES)
    assert done.returncode == 0, done.stdout + done.stderr
    # It passes as well where it reads nothing.
    assert "kubernetes scan results" in done.stdout
    assert "dockerfile scan results" in done.stdout


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)
