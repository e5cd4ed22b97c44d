"""What of a program's output is worth repeating: mpiexec's own chatter says nothing about the run that it ended."""

MOST_LINES = 5
"""Of a failed program, in its run's record."""
_CHATTER = ("=", "This typically refers to a problem", "Please see the FAQ page")
"""How lines begin that are the same for every run."""


def worth(line: str) -> str:
    """The line without blanks around it; empty where nobody would miss it."""
    text = line.strip()
    return "" if text.startswith(_CHATTER) else text
