"""A store with very many jobs in queue 1: filled once, however many benchmarks want one."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import uvloop

from benchmarks import measure
from benchmarks.drain import filled
from services.store.connection import Store
from services.store.embedded import EmbeddedStore

QUEUE = 1
_FILES = "appendonlydir"


@contextmanager
def server(count: int) -> Iterator[EmbeddedStore]:
    """A store of its own that begins with so many jobs."""
    with tempfile.TemporaryDirectory(prefix="fs-") as folder:
        store = EmbeddedStore(Path(folder) / "store")
        store.folder.mkdir()
        shutil.copytree(Path(_prepared(count).name) / "store" / _FILES, store.folder / _FILES)
        store.start(timeout=600)
        try:
            yield store
        finally:
            store.stop()


@cache
def _prepared(count: int) -> "tempfile.TemporaryDirectory[str]":
    """The files of such a store; they go with the process."""
    folder = tempfile.TemporaryDirectory(prefix="fs-")
    store = EmbeddedStore(Path(folder.name) / "store")
    store.start()
    try:
        uvloop.run(_fill(store.url, count))
    finally:
        store.stop()
    return folder


async def _fill(url: str, count: int) -> None:
    store = measure.connected(url)
    assert await filled(store, count) == QUEUE
    await store.command("BGREWRITEAOF")  # a snapshot is read much faster than the commands that led to it
    while await _rewriting(store):  # noqa: ASYNC110 - it is another process that is waited for
        await asyncio.sleep(0.1)
    await store.close()


async def _rewriting(store: Store) -> bool:
    told = (await store.command("INFO", "persistence")).decode()
    return any(f"aof_rewrite_{state}:1" in told for state in ("in_progress", "scheduled"))
