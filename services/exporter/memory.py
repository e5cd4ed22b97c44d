"""What an exporter remembers of the files that it wrote last: where in them each block of jobs stands.

Blocks that did not change since then (store/changes.py) are copied from the old file, which takes a small part of what
reading them from the store and writing them as JSON does. Whoever remembers nothing writes everything. The memory is
kept beside the files, so that an exporter that is started again goes on where the last one ended.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from pydantic import TypeAdapter

from services.exporter import folder
from services.exporter.blocks import Spans
from services.exporter.writer import SUFFIX, State
from services.store.changes import Mark

RELEASE = version("foresail")
"""Of the program that writes the files: another one may write the same records in another way."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The files of one export; the first one has nothing to remember."""

    mark: Mark | None = None
    state: Mapping[str, State] = field(default_factory=dict)
    spans: Mapping[str, Spans] = field(default_factory=dict)
    """By file."""
    datasets: str = ""
    """Another value after whatever is done to a dataset."""
    release: str = RELEASE

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes by file."""
        return {name: size for name, (_, size, _) in self.state.items()}

    def of(self, target: Path) -> "Memory":
        """This, or nothing where the files in the folder are not those that were written."""
        return self if self.mark and self.state == folder.state(target) else Memory()

    def keep(self, target: Path) -> None:
        """Write this beside the files; raises OSError."""
        unfinished = target / f"{_NAME}{SUFFIX}"
        unfinished.write_bytes(_KEPT.dump_json(self))
        unfinished.replace(target / _NAME)


_NAME = ".memory.json"
_KEPT = TypeAdapter(Memory)


def kept(target: Path) -> Memory:
    """What was written beside the files last; nothing where that cannot be read or is another release's."""
    with suppress(OSError, ValueError):
        found = _KEPT.validate_json((target / _NAME).read_bytes())
        if found.release == RELEASE:
            return found
    return Memory()
