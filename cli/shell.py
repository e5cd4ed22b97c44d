"""foresail shell: one session in which commands are typed, on a terminal or from a pipe."""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

import typer

from cli.errors import CliError
from cli.exits import Exit
from cli.login import UserOption
from cli.options import UrlOption
from cli.output import Record
from cli.paths import LOGIN
from cli.shell_lines import words
from cli.talk import ask, ask_password, say
from cli.target import target

if TYPE_CHECKING:
    from cli.client import Client

TRIES = 3


def shell(ctx: typer.Context, url: UrlOption = None, user: UserOption = None) -> None:
    """Log in and type commands; `help` lists them. From a pipe: user, password and commands, a line each."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) is not signal.SIG_IGN:  # nohup's wish
            signal.signal(ending, _end)
    with target(ctx, url).session_less() as client:
        answer = _login(client, user)
        try:
            say(f"welcome, {answer['user']} ({answer['role']}); `help` lists the commands, `exit` ends the session")
            if answer["notice"]:
                say(answer["notice"])
            code = _converse(client, answer["user"])
        finally:
            _logout(client)
    raise typer.Exit(code)


def _login(client: "Client", user: str | None) -> Record:
    terminal = sys.stdin.isatty()
    for left in reversed(range(TRIES if terminal else 1)):
        body = {"user": user or ask("User: "), "password": ask_password()}
        try:
            answer: Record = client.post(LOGIN, body)
        except CliError as error:
            if not left or error.code is not Exit.FORBIDDEN:
                raise
            say(error.message)
        else:
            client.authorise(answer["token"])
            return answer
    raise AssertionError("the last try raises")


def _converse(client: "Client", user: str) -> int:
    """Run line after line until the end; on a terminal always 0, else the exit code of the first error."""
    if sys.stdin.isatty():
        from cli.shell_prompt import prompt

        _loop(client, prompt(client, user))
        return Exit.OK
    return next((code for code in _loop(client, _piped) if code), Exit.OK)


def _loop(client: "Client", next_line: Callable[[], str]) -> list[int]:
    codes: list[int] = []
    while True:
        try:
            codes.append(_run(client, next_line()))
        except EOFError:
            return codes
        except KeyboardInterrupt:
            if not sys.stdin.isatty():
                raise  # whoever interrupts a script wants none of its further lines
            codes.append(Exit.INTERRUPTED)


def _run(client: "Client", line: str) -> int:
    from cli import shell_commands

    try:
        if typed := words(line):
            shell_commands.run(client, typed)
    except CliError as error:
        say(f"error: {error.message}")
        return error.code
    finally:
        sys.stdout.flush()
    return Exit.OK


def _piped() -> str:
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


def _logout(client: "Client") -> None:
    try:
        client.delete(LOGIN)
    except CliError as error:
        say(f"the session could not be ended on the server: {error.message}")


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
