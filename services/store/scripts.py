"""Loads the Lua scripts: one atomic operation a file, each with a header that is its contract."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from services.store import keys

FOLDER = files("services.store") / "lua"
_IN_A_FULL_STORE = "#!lua flags=allow-oom\n"
_MAKE_ROOM = {
    "delete_dataset",
    "delete_jobs",
    "delete_queue",
    "purge",
    "sweep_dead",
    "sweep_jobs",
    "sweep_runs",
    "drop_push",
}
"""Scripts that delete: they have to work in a store that is full, though they note what they deleted."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script's whole text, with the shared prelude, and the SHA-1 by which the store knows it."""

    text: str
    sha: str


@cache
def script(name: str) -> Script:
    """The script of lua/`name`.lua."""
    head = _IN_A_FULL_STORE if name in _MAKE_ROOM else ""
    text = head + keys.lua_table() + _source("prelude") + _source(name)
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


def _source(name: str) -> str:
    return (FOLDER / f"{name}.lua").read_text("utf-8")
