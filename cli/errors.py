"""What a command raises when it must give up: one clear line and an exit code."""

from cli.exits import Exit


class CliError(Exception):
    """An expected failure. `message` is one line for people; `code` is the exit code of the command."""

    def __init__(self, message: str, code: Exit = Exit.REFUSED) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class UsageError(CliError):
    """Arguments or an input file are wrong, and nothing was sent."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Exit.USAGE)


class Refused(CliError):  # noqa: N818 - it is the server's answer
    """The server answered with a problem; `status` is its HTTP status."""

    def __init__(self, message: str, code: Exit, status: int) -> None:
        super().__init__(message, code)
        self.status = status
