"""What people type into the shell, taken apart; and what of it may be remembered."""

import shlex
from collections.abc import Container

from cli import assets
from cli.errors import UsageError
from cli.options import Role
from cli.output import Record

ROLES = tuple(Role)
AT_ONCE = "-"
WORDS = ("dataset", "model")
NUMBERS = ("horizon", "priority")


def words(line: str) -> list[str]:
    """The words of a line, quotes as in a Unix shell; none for an empty line or a comment. Raises UsageError."""
    if line.lstrip().startswith("#"):
        return []
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(f"the line cannot be taken apart: {str(error).lower()}; quotes come in pairs") from error


def remembered(line: str, commands: Container[str]) -> str:
    """The line as the history keeps it: add_user without what may be a password, nothing if it is no known command.

    A command that is mistyped may be add_user.
    """
    try:
        parts = words(line)
    except UsageError:
        parts = line.split()
    if parts[:1] != ["add_user"]:
        return line if parts and parts[0] in commands and "add_user" not in line else ""
    return shlex.join(parts[:2] + [part for part in parts[2:3] if part in ROLES])


def whole(word: str, what: str) -> int:
    """A whole number. Raises UsageError that says which."""
    try:
        return int(word)
    except ValueError as error:
        raise UsageError(f"{what} is a whole number, not {word!r}") from error


def job_request(arguments: list[str]) -> tuple[int | None, Record]:
    """Queue (none: at once) and body of `add_job [queue] <assets> [horizon] [model=…] [dataset=…] [priority=…]`.

    One plain word is the assets; of two or three the first is the queue, or `-` for at once. Raises UsageError.
    """
    plain = [word for word in arguments if "=" not in word]
    if not 1 <= len(plain) <= 3:
        raise UsageError(
            "add_job takes [queue] <assets> [horizon], such as: add_job 0,1  or  add_job 2 5-9 20  "
            "or  add_job - 5-9 20 model=theta"
        )
    queue = AT_ONCE if len(plain) == 1 else plain.pop(0)
    body: Record = {"assets": assets.parse(plain.pop(0))}
    for word in [*(f"horizon={word}" for word in plain), *(word for word in arguments if "=" in word)]:
        name, _, value = word.partition("=")
        if name in body:
            raise UsageError(f"{name} is given twice")
        body[name] = _field(name, value)
    return (None if queue == AT_ONCE else whole(queue, "the queue")), body


def _field(name: str, value: str) -> int | str:
    if name in NUMBERS:
        return whole(value, f"the {name}")
    if name not in WORDS:
        raise UsageError(f"{name!r} is no field of a job; accepted are {', '.join((*WORDS, *NUMBERS))}")
    return value
