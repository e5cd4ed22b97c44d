"""Modules that libraries load with themselves and no command needs: without them a start takes half as long."""

import sys
from types import ModuleType


def spare() -> None:
    """Keep them out; it has to be called before anything loads them."""
    # httpx works without its own command line as where the parts for that are not installed.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    # typer's help names them for texts in Markdown and for tracebacks; this one has neither.
    for name in ("rich.markdown", "rich.traceback"):
        sys.modules.setdefault(name, _Empty(name))


class _Empty(ModuleType):
    """A module in which every name means nothing."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)
