"""Progress bars on stderr; silent where nobody looks."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from cli.errors import UsageError
from cli.talk import printable

CHUNK = 1 << 18
Move = Callable[[float, float, str], None]
"""Moves a bar to `(done, total, remark)`; a total of 0 means that it is not known yet."""


@contextmanager
def bar(label: str) -> Iterator[Move]:
    """A bar to the end of the block."""
    if not sys.stderr.isatty():
        yield lambda _done, _total, _remark: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    what, remarks = (TextColumn(f"{{task.{field}}}", markup=False) for field in ("description", "fields[remark]"))
    columns = (what, BarColumn(), TaskProgressColumn(), remarks)
    with Progress(*columns, console=Console(stderr=True, highlight=False), refresh_per_second=8) as progress:
        task = progress.add_task(printable(label), total=None, remark="")
        yield lambda done, total, remark: progress.update(
            task, completed=done, total=total or None, remark=printable(remark)
        )


def sent(stream: BinaryIO, size: int, name: str) -> Iterator[bytes]:
    """The bytes of a file of `size` bytes, piece by piece, with a bar that shows how many are sent.

    Raises UsageError where it has more or fewer: the request has told its size.
    """
    with bar(f"sending {name}") as move:
        done = 0
        while piece := stream.read(CHUNK):
            done += len(piece)
            if done > size:
                break
            yield piece
            move(done, size, f"{done / 1e6:.1f} of {size / 1e6:.1f} MB")
    if done != size:
        raise UsageError(f"{name} changed while it was read, or is no file: nothing was taken")
