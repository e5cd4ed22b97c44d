"""stdin, stdout and stderr where they are not as one expects: closed, without a reader, on a full disk, not UTF-8."""

import os
import sys
from io import TextIOWrapper
from typing import TextIO

_MODES = {"stdin": "r", "stdout": "w", "stderr": "w"}


def complete() -> None:
    """Open /dev/null for each that is closed; Python has none then, and the next file opened would take its place."""
    for name, mode in _MODES.items():
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - open until the end


def tolerate() -> None:
    """Take and give text that the encoding cannot carry."""
    if isinstance(sys.stdin, TextIOWrapper):
        # Bytes that are no text are told where they are used, whatever the locale.
        sys.stdin.reconfigure(errors="surrogateescape")
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def abandon(stream: TextIO) -> None:
    """Let what is still written vanish: nobody takes it any more, and Python must not complain about it at its end."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)
