"""Checks that a store keeps what it accepts: its version, its mode, its eviction policy, its append-only file."""

from redis.exceptions import ResponseError

from services.errors import StoreSetupError
from services.store.connection import Store
from services.store.records import text_hash

OLDEST = (7, 0)
"""The first release with EXPIRETIME, EXPIRE GT and script error codes."""
NEEDED = {"mode": "standalone", "maxmemory-policy": "noeviction", "appendonly": "yes"}
"""Evicted or unwritten keys are lost jobs; atomic steps span keys that a cluster would spread."""
_ASKED = ("maxmemory-policy", "appendonly", "appendfsync")


async def settings(store: Store) -> dict[str, str]:
    """The store's settings that matter, its mode and version; raises StoreSetupError where it does not tell them."""
    try:
        answers = await store.commands([("CONFIG", "GET", name) for name in _ASKED])
        info = (await store.command("INFO", "server")).decode()
    except ResponseError as error:
        raise StoreSetupError(f"the store does not tell its settings, allow CONFIG GET and INFO: {error}") from error
    read = {key: value for answer in answers for key, value in text_hash(answer).items()}
    lines = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
    version = lines.get("valkey_version") or lines["redis_version"]
    return {"version": version, "mode": lines.get("server_mode") or lines["redis_mode"], **read}


async def check(store: Store) -> None:
    """Raises StoreSetupError that names every wrong setting, or UnavailableError."""
    found = problems(await settings(store))
    if found:
        raise StoreSetupError("the store would lose data: " + "; ".join(found))


def problems(read: dict[str, str]) -> list[str]:
    """What is wrong with these settings, each as one phrase."""
    wrong = [f"{name} is {read[name]}, needed is {value}" for name, value in NEEDED.items() if read[name] != value]
    if tuple(int(part) for part in read["version"].split(".")[:2]) < OLDEST:
        wrong.append(f"version is {read['version']}, needed is {OLDEST[0]}.{OLDEST[1]} or newer")
    return wrong
