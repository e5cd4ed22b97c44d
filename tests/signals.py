"""Signals that a process was told to ignore before it began, as by nohup."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def ignored(number: signal.Signals) -> Iterator[None]:
    """What is started within the block begins with this signal ignored, SIGHUP as below nohup."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(number, before)


def ignores_hang_ups(process: int) -> bool:
    """Whether it goes on when its terminal is closed, as the kernel tells."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    (mask,) = (line.split()[1] for line in lines if line.startswith("SigIgn:"))
    return bool(int(mask, 16) >> (signal.SIGHUP - 1) & 1)
