"""What an exporter remembers of the files that it wrote last: where in them each block of jobs stands.

Blocks that did not change since then (store/changes.py) are copied from the old file, which takes a small part of what
reading them from the store and writing them as JSON does. Whoever remembers nothing writes everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.exporter import folder
from services.exporter.blocks import Spans
from services.store.changes import Mark


@dataclass(frozen=True, slots=True)
class Memory:
    """The files of one export; the first one has nothing to remember."""

    mark: Mark | None = None
    state: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    spans: Mapping[str, Spans] = field(default_factory=dict)
    """By file."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    datasets: object = None
    """Another value after whatever is done to a dataset."""

    def of(self, target: Path) -> "Memory":
        """This, or nothing where the files in the folder are not those that were written."""
        return self if self.mark and self.state == folder.state(target) else Memory()
