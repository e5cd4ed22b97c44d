"""Options and arguments that several commands share."""

from enum import StrEnum
from typing import Annotated

import typer


class Role(StrEnum):
    """What users are; a mistyped one is told before a password is asked for."""

    ADMIN = "admin"
    MANAGER = "manager"
    EMPLOYEE = "employee"


UrlOption = Annotated[str | None, typer.Option("--url", help="The server, as before the command.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")]
QueueArgument = Annotated[int, typer.Argument(metavar="QUEUE", help="Index of the queue.")]
JobArgument = Annotated[int, typer.Argument(metavar="JOB", help="Id of the job.")]
JobsArgument = Annotated[list[int], typer.Argument(metavar="JOB...", help="Ids of jobs.")]
RunArgument = Annotated[int, typer.Argument(metavar="RUN", help="Id of the run.")]
LimitOption = Annotated[int, typer.Option("--limit", "-n", min=1, help="Show at most so many.")]
AllOption = Annotated[bool, typer.Option("--all", help="Show all of them, however many.")]
TimeoutOption = Annotated[float | None, typer.Option("--timeout", min=0, help="Wait at most so many seconds.")]
