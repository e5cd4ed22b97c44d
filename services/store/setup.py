"""Checks that a store keeps what it accepts: its version, its mode, its eviction policy, its append-only file."""

from redis.exceptions import ResponseError

from services.errors import StoreSetupError, UnavailableError
from services.store import keys
from services.store.connection import Store
from services.store.records import text_hash

OLDEST = (7, 0)
"""The first release with EXPIRETIME, EXPIRE GT and script error codes."""
NEEDED = {"mode": "standalone", "maxmemory-policy": "noeviction", "appendonly": "yes"}
"""Evicted or unwritten keys are lost jobs; atomic steps span keys that a cluster would spread."""
_NO_WRITES = "the store takes no writes now"
_PAUSE = 5
"""Seconds after which it is worth asking again."""
_ASKED = ("maxmemory-policy", "appendonly", "appendfsync")


async def settings(store: Store) -> dict[str, str]:
    """The store's settings that matter, its mode and version; raises StoreSetupError where it does not tell them."""
    try:
        answers = await store.commands([("CONFIG", "GET", name) for name in _ASKED])
        lines = _lines(await store.command("INFO", "server"))
    except ResponseError as error:
        raise StoreSetupError(f"the store does not tell its settings, allow CONFIG GET and INFO: {error}") from error
    read = {key: value for answer in answers for key, value in text_hash(answer).items()}
    version = lines.get("valkey_version") or lines["redis_version"]
    return {"version": version, "mode": lines.get("server_mode") or lines["redis_mode"], **read}


async def check(store: Store) -> None:
    """Raises StoreSetupError that names every wrong setting, or UnavailableError where nobody can work in it now."""
    found = problems(await settings(store))
    if found:
        raise StoreSetupError("the store would lose data: " + "; ".join(found))
    if await store.command("EXISTS", keys.RESTORING):
        raise UnavailableError(keys.CLOSED, _PAUSE)
    persistence, memory = map(_lines, await store.commands([("INFO", "persistence"), ("INFO", "memory")]))
    if persistence.get("aof_last_write_status", "ok") != "ok":
        raise UnavailableError(f"{_NO_WRITES}: it cannot write its file; is its disk full?", _PAUSE)
    if 0 < int(memory.get("maxmemory", 0)) < int(memory["used_memory"]):
        raise UnavailableError(f"{_NO_WRITES}: it is full (maxmemory is {memory['maxmemory']} bytes)", _PAUSE)


def problems(read: dict[str, str]) -> list[str]:
    """What is wrong with these settings, each as one phrase."""
    wrong = [f"{name} is {read[name]}, needed is {value}" for name, value in NEEDED.items() if read[name] != value]
    if tuple(int(part) for part in read["version"].split(".")[:2]) < OLDEST:
        wrong.append(f"version is {read['version']}, needed is {OLDEST[0]}.{OLDEST[1]} or newer")
    return wrong


def _lines(info: bytes) -> dict[str, str]:
    return dict(line.split(":", 1) for line in info.decode().splitlines() if ":" in line)
