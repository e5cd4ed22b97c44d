"""The commands of the shell, as the assignment names them."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from cli import forecasts, jobs, queues, runs, submit, watching
from cli.client import Client
from cli.errors import UsageError
from cli.output import Column, Output, show, show_one
from cli.paths import JOBS, QUEUES, USERS, under
from cli.shell_lines import ROLES, job_request, whole
from cli.tables import show_table
from cli.talk import ask_password, confirm, say


@dataclass(frozen=True, slots=True)
class Command:
    """A command: what it takes, what it does in words, and the deed."""

    takes: str
    help: str
    run: Callable[[Client, list[str]], None]


def run(client: Client, line: list[str]) -> None:
    """Run one line. Raises UsageError for an unknown command, and whatever the command raises."""
    name, *arguments = line
    if name not in COMMANDS:
        raise UsageError(f"there is no command {name!r}; `help` lists them")
    COMMANDS[name].run(client, arguments)


def add_user(client: Client, arguments: list[str]) -> None:
    """Add a user; without a password on the line, it is asked for on a terminal."""
    if len(arguments) == 2 and sys.stdin.isatty():
        arguments = [*arguments, ask_password(f"Password of {arguments[0]}: ")]
    name, role, password = _exactly("add_user", arguments, 3)
    if role not in ROLES:
        raise UsageError(f"there is no role {role!r}; roles are {', '.join(ROLES)}")
    client.post(USERS, {"name": name, "role": role, "password": password})
    say(f"added {name} as {role}")


def add_job(client: Client, arguments: list[str]) -> None:
    """Put a job into a queue, or calculate it at once and show the forecasts."""
    queue, body = job_request(arguments)
    if queue is None:
        submit.calculate(client, body, Output.TABLE)
    else:
        submit.put(client, queue, body)


def pull_job(client: Client, arguments: list[str]) -> None:
    """Take the first job out of a queue."""
    queue = whole(_exactly("pull_job", arguments, 1)[0], "the queue")
    show_one(client.post(under(QUEUES, queue, "pull")), jobs.WHOLE, Output.TABLE)


def get_queues(client: Client, arguments: list[str]) -> None:
    """Show all queues."""
    _exactly("get_queues", arguments, 0)
    show(client.pages(QUEUES), queues.COLUMNS, Output.TABLE)


def create_queue(client: Client, arguments: list[str]) -> None:
    """Create a queue."""
    if len(arguments) > 1:
        raise UsageError("create_queue takes [name]; quote a name with blanks")
    queue = client.post(QUEUES, {"name": "".join(arguments)})
    say(f"created queue {queue['index']}")


def delete_queue(client: Client, arguments: list[str]) -> None:
    """Delete a queue with the jobs that are in it."""
    queue = whole(_exactly("delete_queue", arguments, 1)[0], "the index")
    confirm(f"Delete queue {queue} with the jobs that are in it?", yes=not sys.stdin.isatty())
    client.delete(under(QUEUES, queue))
    say(f"deleted queue {queue}")


def job_results(client: Client, arguments: list[str]) -> None:
    """Show the forecasts of a job."""
    job = whole(_exactly("job_results", arguments, 1)[0], "the id")
    forecasts.show_results([client.get(under(JOBS, job, "results"))], Output.TABLE)


def start_run(client: Client, arguments: list[str]) -> None:
    """Drain a queue and follow it until it is over."""
    if not 1 <= len(arguments) <= 2:
        raise UsageError(f"start_run takes {COMMANDS['start_run'].takes}")
    queue, *ranks = map(whole, arguments, ("the queue", "the number of ranks"))
    started = runs.begin(client, queue, *ranks)
    watching.check(watching.watch(client, started["id"]))


def help_(_client: Client, arguments: list[str]) -> None:
    """List the commands."""
    _exactly("help", arguments, 0)
    rows = [[f"{name} {command.takes}", command.help] for name, command in COMMANDS.items()]
    show_table([Column("command", ""), Column("what it does", "")], rows)


def exit_(_client: Client, arguments: list[str]) -> None:
    """End the session."""
    _exactly("exit", arguments, 0)
    raise EOFError


def _exactly(name: str, arguments: list[str], count: int) -> list[str]:
    if len(arguments) != count:
        raise UsageError(f"{name} takes {COMMANDS[name].takes or 'nothing'}")
    return arguments


COMMANDS = {
    "add_user": Command("<username> <role> <password>", "add a user (admins)", add_user),
    "add_job": Command(
        "[queue] <assets> [horizon]",
        "put a job into a queue; without one, or with -, forecast at once; also model=…, dataset=… and priority=…",
        add_job,
    ),
    "pull_job": Command("<queue>", "take the first job out of a queue", pull_job),
    "get_queues": Command("", "show all queues", get_queues),
    "create_queue": Command("[name]", "create a queue", create_queue),
    "delete_queue": Command("<index>", "delete a queue with the jobs that are in it", delete_queue),
    "job_results": Command("<id>", "show the forecasts of a job", job_results),
    "start_run": Command("<queue> [ranks]", "drain a queue and follow it", start_run),
    "help": Command("", "this list", help_),
    "exit": Command("", "log out and leave", exit_),
}
