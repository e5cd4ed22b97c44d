"""The chart without a cluster: needs a helm, on PATH or beside the test cluster's programs."""

import os
import shutil
from pathlib import Path

import pytest

BESIDE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "foresail-cluster/bin"
PLACES = os.pathsep.join([os.environ.get("PATH", ""), str(BESIDE)])
HELMS = [found for found in (shutil.which("helm", path=PLACES), shutil.which("helm4", path=PLACES)) if found]

# A laptop without these tests all but the chart, and says so below; a build server has to have them. `untt` is
# helm-unittest, which unittest/build makes.
NEEDED = {"helm": "test_*", "skaffold": "test_skaffold.py", "untt": "test_unittest.py"}
MISSING = [] if "CI" in os.environ else [name for name in NEEDED if not shutil.which(name, path=PLACES)]
collect_ignore_glob = [NEEDED[name] for name in MISSING]


def pytest_report_header() -> str:
    missing = "".join(f"; {NEEDED[name]}: NOT TESTED, there is no {name}" for name in MISSING)
    return f"chart: {' and '.join(HELMS) or 'no helm'}{missing}"


@pytest.fixture(params=HELMS or ["helm"])
def helm(request: pytest.FixtureRequest) -> str:
    """Each helm that is there: Helm 3 and Helm 4."""
    found: str = request.param
    return found
