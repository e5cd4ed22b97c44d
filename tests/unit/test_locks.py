"""What is installed is what was reviewed: every requirement is locked with its hashes and names no index."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = tuple(f"requirements{part}.lock" for part in ("", "-test", "-data", "-checkov", "-bench"))


def pins(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", "\n".join(lines), flags=re.MULTILINE))


def declared() -> tuple[list[str], dict[str, list[str]]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return project["project"]["dependencies"], project["dependency-groups"]


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=~!\[ ;]", requirement)[0] for requirement in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_is_a_pin_or_a_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=\S)", text.strip())
    block = re.compile(r"[a-z0-9-]+==[^ \n]+( ; [^\\\n]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+")
    assert [found for found in blocks if not block.fullmatch(found)] == []


def test_tests_run_with_the_versions_that_are_shipped() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-test.lock").items()


def test_what_is_declared_is_locked() -> None:
    dependencies, groups = declared()
    assert names(dependencies + groups["build"]) <= pins("requirements.lock").keys()
    assert names(groups["test"] + groups["lint"]) <= pins("requirements-test.lock").keys()
    assert names(groups["bench"]) <= pins("requirements-bench.lock").keys()
    assert names(groups["checkov"]) <= pins("requirements-checkov.lock").keys()
    assert names(groups["data"]) == pins("requirements-data.lock").keys()
