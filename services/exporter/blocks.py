"""Writes a list of records in blocks: those that changed as they are now, the others copied from the old file."""

import os
from bisect import bisect
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path

from services.exporter.writer import BETWEEN, JsonFile, Span

Spans = dict[int, Span]
"""By block, where its records are; an empty block is not there."""
Read = Callable[[Sequence[int]], AsyncGenerator[tuple[int, Sequence[bytes]], None]]
"""The records of blocks in order, page by page: a block's number and lines of JSON."""


async def write_blocks(file: JsonFile, old: Spans, changed: Collection[int], read: Read) -> Spans:
    """Append all blocks in order; returns where they are. `old` says where they are in the file to be replaced."""
    spans: Spans = {}
    same = sorted(old.keys() - changed)
    copied = 0
    with _opened(file.path, wanted=bool(old)) as source:
        async with aclosing(read(sorted(changed))) as pages:
            async for number, page in pages:
                before = bisect(same, number)
                spans |= _copied(file, source, old, same[copied:before])
                copied = before
                if page:
                    start, size = file.lines(page)
                    first = spans.get(number, (start, size))[0]
                    spans[number] = (first, start + size - first)
        return spans | _copied(file, source, old, same[copied:])


def _copied(file: JsonFile, source: int, old: Spans, numbers: Sequence[int]) -> Spans:
    moved: Spans = {}
    for together, span in _neighbours(old, numbers):
        shift = file.copy(source, span)[0] - span[0]
        moved |= {number: (old[number][0] + shift, old[number][1]) for number in together}
    return moved


def _neighbours(old: Spans, numbers: Sequence[int]) -> Iterator[tuple[list[int], Span]]:
    """Blocks that stand next to each other in the old file, together."""
    together: list[int] = []
    start = end = 0
    for number in numbers:
        at, size = old[number]
        if together and at != end + len(BETWEEN):
            yield together, (start, end - start)
            together = []
        start = start if together else at
        together.append(number)
        end = at + size
    if together:
        yield together, (start, end - start)


@contextmanager
def _opened(path: Path, *, wanted: bool) -> Iterator[int]:
    """A handle of the old file; none that could be used where it is not wanted."""
    if not wanted:
        yield -1
        return
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)
