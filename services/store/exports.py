"""What the exporter last did, for every service to see."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from services.errors import ConflictError
from services.store import keys
from services.store.connection import Store

_SERVER = ("INFO", "server")
_WRITES = ("INFO", "persistence")


@dataclass(frozen=True, slots=True)
class Export:
    """An export that succeeded."""

    began: float
    """When it began to read: the files may lack what came later."""
    seconds: float
    sizes: Mapping[str, int]
    """Bytes by file."""


async def identity(store: Store) -> str:
    """This store's name, given at the first call: files of another store are told apart by it.

    Raises ConflictError while the store holds only a part of what is being restored.
    """
    restoring, name = await store.commands([("EXISTS", keys.RESTORING), ("HGET", keys.EXPORT, "store")])
    if restoring:
        raise ConflictError(f"nothing is exported: {keys.CLOSED}")
    if name is None:
        # Only then: a store that takes no writes can be exported all the same.
        await store.command("HSETNX", keys.EXPORT, "store", secrets.token_hex(8))
        return await identity(store)
    return bytes(name).decode()


async def mark(store: Store) -> str:
    """Another text after every write to the store, whoever's it is."""
    return _mark(*await store.commands([_SERVER, _WRITES]))


async def note(store: Store, export: Export) -> tuple[str, str]:
    """Put an export on record; returns the marks just before and just after that.

    Raises UnavailableError, also where the store takes no writes: the files are right all the same.
    """
    sizes = [word for name, size in export.sizes.items() for word in (f"bytes:{name}", size)]
    record = ("HSET", keys.EXPORT, "began", repr(export.began), "seconds", repr(export.seconds), *sizes)
    server, before, _, after = await store.commands([_SERVER, _WRITES, record, _WRITES])
    return _mark(server, before), _mark(server, after)


async def last(store: Store) -> float | None:
    """When the last export began to read, so that what is older is in its files; none where there was none."""
    began = await store.command("HGET", keys.EXPORT, "began")
    return None if began is None else float(began)


def _mark(server: bytes, writes: bytes) -> str:
    """The store's process, and how many writes it has counted."""
    lines = dict(line.split(":", 1) for line in (server + writes).decode().splitlines() if ":" in line)
    return f"{lines['run_id']} {lines['rdb_changes_since_last_save']} {lines['rdb_last_save_time']}"
