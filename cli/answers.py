"""What a Foresail server answers, told from what others do."""

import json
from typing import Any, NoReturn

from cli.errors import CliError
from cli.exits import Exit


def stranger(url: str) -> CliError:
    """The error where whatever answers is no Foresail server."""
    return CliError(f"{url} answers, but it is no Foresail server", Exit.UNREACHABLE)


def read(text: bytes | str, url: str) -> dict[str, Any]:
    """The object that an answer holds. Raises CliError where there is none, or when a field is used that it lacks."""

    class Answer(dict[str, Any]):
        def __missing__(self, _field: str) -> NoReturn:
            raise stranger(url)

    try:
        found = json.loads(text, object_hook=Answer)
    except (ValueError, RecursionError) as error:
        raise stranger(url) from error
    if not isinstance(found, Answer):
        raise stranger(url)
    return found
