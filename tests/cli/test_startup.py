"""A command loads only what it uses: the rest would make every start slower."""

import json
import subprocess
import sys

import pytest

from tests.cli.foresail import Foresail

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine
HEAVY = {"httpx", "matplotlib", "plotext", "prompt_toolkit", "numpy", "rich.progress", "rich.syntax", "pydantic"}
SCRIPT = """
import json, sys
sys.argv = json.loads(sys.argv[1])
from cli.main import guarded
guarded()
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def loaded(person: Foresail, *words: str) -> set[str]:
    arguments = json.dumps(["foresail", *words])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, arguments], env=person.environment(), capture_output=True, text=True, check=True
    )
    return HEAVY & set(json.loads(done.stderr.splitlines()[-1]))


def test_help_loads_nothing_heavy(stranger: Foresail) -> None:
    assert loaded(stranger, "--help") == set()


def test_a_list_loads_what_speaks_http_and_no_more(employee: Foresail) -> None:
    # typer checks arguments by pydantic.
    assert loaded(employee, "queues", "list") == {"httpx", "pydantic"}
