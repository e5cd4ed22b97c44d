"""The entry of the `foresail` command: every expected failure ends as one line on stderr and an exit code."""

import gc
import os
import sys
from typing import NoReturn

from cli.errors import CliError
from cli.exits import Exit
from cli.spared import spare
from cli.streams import abandon, complete, tolerate
from cli.talk import say

DEBUG_VARIABLE = "FORESAIL_DEBUG"


def main() -> NoReturn:
    """Run the command that the arguments name, and end the process with its exit code."""
    # Imports make many objects and no garbage: to look for it took a twelfth of a command's start.
    gc.set_threshold(50_000)
    complete()
    code = guarded()
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _unwritten(error) or code
    sys.exit(code)


def guarded() -> int:
    """Run the command; its exit code. Nothing but a bug gets through, and that only with FORESAIL_DEBUG set."""
    try:
        return _run()
    except CliError as error:
        say(f"foresail: {error.message}")
        return error.code
    except KeyboardInterrupt:
        say("interrupted")
        return Exit.INTERRUPTED
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None:
            return _unwritten(error)  # whatever opens a file by its name says so itself
        if os.environ.get(DEBUG_VARIABLE):
            raise
        say(f"foresail: this is a bug: {type(error).__name__}: {error}; {DEBUG_VARIABLE}=1 shows where")
        return Exit.REFUSED


def _run() -> int:
    spare()
    # Imported here, so that Ctrl-C during the import ends quietly too.
    from cli.app import app

    tolerate()
    try:
        app(prog_name="foresail")
    except SystemExit as end:
        # typer makes an exit of a pipe that nobody reads.
        if isinstance(end.__context__, BrokenPipeError):
            return _unwritten(end.__context__)
        return end.code if isinstance(end.code, int) else Exit.OK
    return Exit.OK


def _unwritten(error: OSError) -> int:
    """The exit code where stdout takes no more: whoever read a pipe has seen enough, a full disk is a failure."""
    if (code := getattr(error.__context__, "exit_code", None)) is not None:
        return int(code)  # it was stderr, where typer was about to say what is wrong with the arguments
    abandon(sys.__stdout__ or sys.stdout)
    if isinstance(error, BrokenPipeError):
        return Exit.OK
    say(f"foresail: the output cannot be written: {error.strerror}")
    return Exit.REFUSED


if __name__ == "__main__":
    main()
