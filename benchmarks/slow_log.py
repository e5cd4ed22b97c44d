"""The store's own slow log: how long its longest command kept everybody else waiting.

Durations are times of the clock: on a busy machine they contain the time in which the store was not running at all.
The log has the commands of a transaction one by one, so the longest transaction is told by the store's statistics.
"""

import re
from dataclasses import dataclass

from services.store import scripts
from services.store.connection import Store
from services.store.wire import Argument

_LOGGED_US = 200
"""Shorter ones are not logged: what a script does is logged too, and logging it all takes longer than doing it."""
_SETTINGS: dict[str, Argument] = {
    "slowlog-log-slower-than": _LOGGED_US,
    "slowlog-max-len": 100_000,
    "latency-tracking": "yes",
    "latency-tracking-info-percentiles": 100,
}
_OWN = (b"SLOWLOG", b"CONFIG", b"MEMORY")


@dataclass(frozen=True, slots=True)
class Slowest:
    """The longest command since the log was emptied."""

    milliseconds: float
    what: str


async def reset(store: Store) -> None:
    """Empty the log and the statistics."""
    for name, value in _SETTINGS.items():
        await store.command("CONFIG", "SET", name, value)
    await store.command("SLOWLOG", "RESET")
    await store.command("CONFIG", "RESETSTAT")


async def slowest(store: Store) -> Slowest:
    """What took longest."""
    entries = await store.command("SLOWLOG", "GET", -1)
    found = [(entry[2] / 1000, _named(entry[3])) for entry in entries if entry[3][0] not in _OWN]
    return Slowest(*max(*found, await _transaction(store), (0.0, f"none above {_LOGGED_US} us")))


async def _transaction(store: Store) -> tuple[float, str]:
    told = (await store.command("INFO", "latencystats")).decode()
    longest = re.search(r"latency_percentiles_usec_exec:p100=([\d.]+)", told)
    return float(longest[1]) / 1000 if longest else 0.0, "a transaction"


def _named(words: list[bytes]) -> str:
    """The script's name, or the command with its key."""
    text = [word.decode(errors="replace") for word in words[:2]]
    if text[0] == "EVAL":
        return "a script, the first time"
    names = {scripts.script(name).sha: name for name in _scripts()}
    return names.get(text[-1], " ".join(text))


def _scripts() -> list[str]:
    return [name for file in scripts.FOLDER.iterdir() if (name := file.name.removesuffix(".lua")) != "prelude"]
