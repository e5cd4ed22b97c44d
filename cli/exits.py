"""The exit codes of every command: the only table of them."""

from enum import IntEnum


class Exit(IntEnum):
    """How a command ended, for scripts."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    FORBIDDEN = 3
    UNREACHABLE = 4
    UNSUCCESSFUL = 5
    TIMED_OUT = 124
    INTERRUPTED = 130


MEANINGS = {
    Exit.OK: "done",
    Exit.REFUSED: "the server refused, a check failed, or the output could not be written",
    Exit.USAGE: "wrong arguments or input file",
    Exit.FORBIDDEN: "not logged in, or the role does not allow it",
    Exit.UNREACHABLE: "no Foresail server answers, or it cannot now",
    Exit.UNSUCCESSFUL: "a job or run that was waited for did not end well",
    Exit.TIMED_OUT: "waited as long as --timeout allows",
    Exit.INTERRUPTED: "interrupted by Ctrl-C",
}


def legend() -> str:
    """The table in one line, for the help."""
    return "Exit codes: " + "; ".join(f"{code.value} {meaning}" for code, meaning in MEANINGS.items()) + "."
