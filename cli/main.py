"""The entry of the `foresail` command: every expected failure ends as one line on stderr and an exit code."""

import gc
import os
import sys
from io import TextIOWrapper
from typing import NoReturn

from cli.errors import CliError
from cli.exits import Exit
from cli.talk import say

DEBUG_VARIABLE = "FORESAIL_DEBUG"


def main() -> NoReturn:
    """Run the command that the arguments name, and end the process with its exit code."""
    # Imports make many objects and no garbage: to look for it took a twelfth of a command's start.
    gc.set_threshold(50_000)
    code = guarded()
    try:
        sys.stdout.flush()
    except OSError:
        # Whoever read the output has seen enough; Python must not complain about it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
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
    except BrokenPipeError:
        return Exit.OK
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        say(f"foresail: this is a bug: {type(error).__name__}: {error}; {DEBUG_VARIABLE}=1 shows where")
        return Exit.REFUSED


def _run() -> int:
    # Imported here, so that Ctrl-C during the import ends quietly too.
    from cli.app import app

    if isinstance(sys.stdin, TextIOWrapper):
        # Bytes that are no text are told where they are used, whatever the locale.
        sys.stdin.reconfigure(errors="surrogateescape")
    try:
        app(prog_name="foresail")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else Exit.OK
    return Exit.OK


if __name__ == "__main__":
    main()
