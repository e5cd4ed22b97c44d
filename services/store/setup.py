"""Checks that a store keeps what it accepts: its version, its eviction policy, its append-only file."""

from services.errors import StoreSetupError
from services.store.connection import Store
from services.store.records import text_hash

OLDEST = (7, 0)
"""The first release with EXPIRETIME, EXPIRE GT and script error codes."""


async def settings(store: Store) -> dict[str, str]:
    """The store's settings that matter, and its version."""
    answers = await store.commands([("CONFIG", "GET", name) for name in ("maxmemory-policy", "appendonly", "appendfsync")])
    read = {key: value for answer in answers for key, value in text_hash(answer).items()}
    info = (await store.command("INFO", "server")).decode()
    lines = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
    return {"version": lines.get("valkey_version") or lines["redis_version"], **read}


async def check(store: Store) -> None:
    """Raises StoreSetupError that names every wrong setting, or UnavailableError."""
    found = problems(await settings(store))
    if found:
        raise StoreSetupError("the store would lose data: " + "; ".join(found))


def problems(read: dict[str, str]) -> list[str]:
    """Sentences that say which setting would lose data, and what is needed."""
    found = []
    if tuple(int(part) for part in read["version"].split(".")[:2]) < OLDEST:
        found.append(f"version is {read['version']}, needed is {OLDEST[0]}.{OLDEST[1]} or newer")
    if read["maxmemory-policy"] != "noeviction":
        found.append(f"maxmemory-policy is {read['maxmemory-policy']}, needed is noeviction")
    if read["appendonly"] != "yes":
        found.append(f"appendonly is {read['appendonly']}, needed is yes")
    return found
