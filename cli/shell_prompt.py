"""The shell's prompt on a terminal: history that keeps no password, and completion."""

import os
import sys
from collections.abc import Callable, Iterable

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, InMemoryHistory
from prompt_toolkit.history import History as AnyHistory
from prompt_toolkit.output import create_output

from cli import session
from cli.client import Client
from cli.errors import CliError
from cli.paths import QUEUES
from cli.shell_commands import COMMANDS
from cli.shell_lines import ROLES, remembered
from cli.talk import say

WITH_QUEUE = {"add_job", "pull_job", "delete_queue", "start_run"}


class Discreet(AnyHistory):
    """Remembers lines without passwords."""

    def append_string(self, string: str) -> None:
        """Remember a line, as far as it may be."""
        if kept := remembered(string, COMMANDS):
            super().append_string(kept)


class Lasting(Discreet, FileHistory):
    """Remembers lines over sessions."""


class Passing(Discreet, InMemoryHistory):
    """Remembers lines to the end of the session."""


class Words(Completer):
    """Completes commands, roles and the indices of queues."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def get_completions(self, document: Document, _event: CompleteEvent) -> Iterable[Completion]:
        """What can stand at the cursor."""
        typed = document.text_before_cursor.split()
        current = document.get_word_before_cursor(WORD=True)
        before = typed[:-1] if current else typed
        for word in self._choices(before):
            if word.startswith(current):
                yield Completion(word, -len(current), display_meta=COMMANDS[word].help if word in COMMANDS else "")

    def _choices(self, before: list[str]) -> Iterable[str]:
        if not before:
            return COMMANDS
        if before[0] == "add_user" and len(before) == 2:
            return ROLES
        return self._queues() if before[0] in WITH_QUEUE and len(before) == 1 else ()

    def _queues(self) -> list[str]:
        try:
            return [str(queue["index"]) for queue in self._client.pages(QUEUES, 100)]
        except CliError:
            # Completion is a courtesy: the command itself will say what is wrong.
            return []


def prompt(client: Client, user: str) -> Callable[[], str]:
    """A function that asks for the next line. It raises EOFError at Ctrl-D and KeyboardInterrupt at Ctrl-C."""
    asking: PromptSession[str] = PromptSession(
        history=_history(),
        completer=Words(client),
        complete_in_thread=True,
        complete_while_typing=False,
        output=None if sys.stdout.isatty() else create_output(sys.stderr),  # stdout is for data
    )
    return lambda: asking.prompt(f"{user}> ")


def _history() -> AnyHistory:
    """The lines of earlier sessions, or none where they cannot be kept."""
    path = session.file().with_name("history")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, session.PRIVATE))
    except OSError as error:
        say(f"lines are remembered for this session only: {path} cannot be written: {error.strerror}")
        return Passing()
    return Lasting(str(path))
