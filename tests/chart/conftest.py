"""The chart without a cluster: needs a helm, on PATH or beside the test cluster's programs."""

import os
import shutil
from pathlib import Path

import pytest

BESIDE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "foresail-cluster/bin"
PLACES = os.pathsep.join([os.environ.get("PATH", ""), str(BESIDE)])
HELMS = [found for found in (shutil.which("helm", path=PLACES), shutil.which("helm4", path=PLACES)) if found]

# A laptop without helm or skaffold tests all but the chart, and says so below; a build server has to have them.
collect_ignore_glob = [] if HELMS or "CI" in os.environ else ["test_*"]
if not (shutil.which("skaffold", path=PLACES) or "CI" in os.environ):
    collect_ignore_glob.append("test_skaffold.py")


def pytest_report_header() -> str:
    skaffold = "" if shutil.which("skaffold", path=PLACES) else "; skaffold.yaml: NOT TESTED, there is no skaffold"
    return f"chart: {' and '.join(HELMS) or 'NOT TESTED, there is no helm on PATH'}{skaffold}"


@pytest.fixture(params=HELMS or ["helm"])
def helm(request: pytest.FixtureRequest) -> str:
    """Each helm that is there: Helm 3 and Helm 4."""
    found: str = request.param
    return found
