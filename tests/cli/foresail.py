"""The `foresail` command as a real process, by pipe or on a real terminal."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pexpect

# Another session's settings, and a width that pytest's workers claim to have.
_FOREIGN = ("FORESAIL_", "COLUMNS", "LINES")
COMMAND = str(Path(sys.executable).with_name("foresail"))


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@dataclass
class Foresail:
    """Somebody's command line: a server, a configuration folder, and a token if they are logged in."""

    url: str
    home: Path
    token: str = field(default="", repr=False)

    def __call__(self, *words: str, stdin: str = "", code: int = 0) -> Answer:
        """Run a command by pipe; it must end with this code and must never show a traceback."""
        done = subprocess.run(
            [COMMAND, *words],
            input=stdin,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=50,
        )
        answer = Answer(done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in answer.err, answer.err
        assert answer.code == code, answer
        return answer

    def json(self, *words: str) -> Any:
        """The data of a command that prints JSON."""
        return json.loads(self(*words, "-o", "json").out)

    def terminal(self, *words: str, width: int = 100, **environment: str) -> "pexpect.spawn[str]":
        """A command on a terminal of 100 columns, or as many as `width` says."""
        return pexpect.spawn(
            COMMAND,
            list(words),
            env=self.environment({"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", **environment}),
            encoding="utf-8",
            dimensions=(30, width),
            timeout=30,
        )

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        own = {"FORESAIL_URL": self.url, "FORESAIL_CONFIG_HOME": str(self.home)}
        return {**kept, **own, **({"FORESAIL_TOKEN": self.token} if self.token else {}), **(more or {})}


def ended(terminal: "pexpect.spawn[str]") -> int:
    """Read to the end of a terminal's process; its exit code."""
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus is not None
    return int(terminal.exitstatus)
