"""What is said to people: all of it on stderr, so that stdout carries data only."""

import sys
from getpass import getpass

from cli.errors import UsageError
from cli.streams import abandon


def printable(text: str) -> str:
    """The text without control characters, so that nothing a server sends can steer the terminal."""
    return "".join(
        sign if sign.isprintable() else " " if sign.isspace() else "\N{REPLACEMENT CHARACTER}" for sign in text
    )


def say(text: str) -> None:
    """Print one line to stderr; that nobody reads there is no failure of what was done."""
    _print(f"{printable(text)}\n")


def _print(text: str) -> None:
    try:
        print(text, end="", file=sys.stderr, flush=True)
    except OSError:
        abandon(sys.stderr)


def ask(question: str) -> str:
    """A line from stdin, asked for on stderr. Raises UsageError where stdin has ended."""
    _print(question)
    line = sys.stdin.readline()
    if not line:
        raise UsageError(f"nothing was given for {question.rstrip(': ')!r}: stdin has ended")
    return line.rstrip("\r\n")


def ask_password(question: str = "Password: ") -> str:
    """A password, not shown while typed; from a pipe it is the next line. Raises UsageError where it is empty."""
    password = _hidden(question) if sys.stdin.isatty() else ask(question)
    if not password:
        raise UsageError("an empty password is not accepted")
    return password


def _hidden(question: str) -> str:
    try:
        return getpass(question)
    except EOFError:
        _print("\n")  # Ctrl-D leaves the cursor behind the question
        raise UsageError("no password was given") from None


def given_password(what: str, *, from_stdin: bool) -> str:
    """A password: the next line of stdin, or asked for on a terminal. Raises UsageError where there is neither."""
    if from_stdin:
        return password_line(what)
    if not sys.stdin.isatty():
        raise UsageError("no terminal to ask for a password on: pipe it in with --password-stdin")
    return ask_password(f"{what[0].upper()}{what[1:]}: ")


def new_password(what: str, *, from_stdin: bool) -> str:
    """A new password, which a terminal asks for twice. Raises UsageError if they differ."""
    password = given_password(what, from_stdin=from_stdin)
    if not from_stdin and ask_password("Once more: ") != password:
        raise UsageError("the two passwords differ")
    return password


def password_line(what: str = "password") -> str:
    """The next line of stdin as a password. Raises UsageError where there is none."""
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise UsageError(f"--password-stdin was given, and stdin holds no {what}")
    return password


def confirm(question: str, *, yes: bool) -> None:
    """Go on only if the user agrees (or said --yes). Raises UsageError where they do not, or cannot be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} There is no terminal to ask on: add --yes")
    if ask(f"{question} [y/N] ").strip().lower() not in {"y", "yes"}:
        raise UsageError("nothing was changed")
