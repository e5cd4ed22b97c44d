"""The processes of this machine, as the kernel tells of them."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """One that is alive: its command line, and the environment that it was started with."""

    pid: int
    words: tuple[str, ...]
    environment: dict[str, str]


def processes() -> Iterator[Process]:
    """All that may be looked at."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
            variables = (entry / "environ").read_bytes().decode(errors="replace").split("\0")
            if words:
                pairs = (variable.partition("=") for variable in variables)
                yield Process(int(entry.name), tuple(words), {name: value for name, _, value in pairs})


def started_for(folder: Path) -> Iterator[Process]:
    """Those that keep their data in this folder."""
    for process in processes():
        # Valkey writes its title over its environment.
        if process.environment.get("FORESAIL_STORE_FOLDER") == str(folder) or str(folder) in " ".join(process.words):
            yield process
