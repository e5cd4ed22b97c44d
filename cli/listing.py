"""Lists that may be long: their first records, and word that there are more."""

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from cli.output import Column, Output, show
from cli.talk import say

if TYPE_CHECKING:
    from cli.client import Client


def show_first(
    client: "Client", path: str, limit: int | None, columns: Sequence[Column], output: Output, **query: Any
) -> None:
    """Print the records of a list, up to `limit` of them; where that is not all, it is said."""
    found = client.pages(path, None if limit is None else limit + 1, **query)
    show(islice(found, limit), columns, output)
    if next(found, None) is not None:
        say(f"there are more than these {limit}: --limit shows more, --all shows all")
