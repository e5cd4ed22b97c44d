"""The keys that may live for ever, and in which list each must stand; any other key needs a time to live."""

import re
from collections.abc import Mapping

from services.store import keys
from services.store.connection import Store

LISTS = frozenset(
    {
        keys.USERS,
        keys.JOBS,
        keys.JOB_SEQUENCE,
        keys.QUEUES,
        keys.QUEUE_NAMES,
        keys.QUEUE_SEQUENCE,
        keys.RUNS,
        keys.RUN_SEQUENCE,
        keys.RUN_TOTALS,
        keys.LEASE_SEQUENCE,
        keys.DATASETS,
        keys.DATASET_VERSIONS,
        keys.EXPORT,
    }
)
"""One of each. QUEUES_DELETING is not here: a deletion ends."""
MEMBERS: Mapping[str, str] = {
    rf"{keys.USER}(.+)": keys.USERS,
    rf"{keys.JOB}(\d+)": keys.JOBS,
    rf"{keys.RESULT}(\d+)": keys.JOBS,
    rf"{keys.QUEUE}(\d+)({keys.READY}|{keys.LEASED}|{keys.DEAD})?": keys.QUEUES,
    rf"{keys.RUN}(\d+)({keys.RUN_JOBS})?": keys.RUNS,
    rf"{keys.DATASET}(.+?)({keys.VALUES})?": keys.DATASETS,
}
"""By pattern of the key, the list in which its group 1 must stand: what is deleted leaves nothing behind."""
UNLISTED = rf"{keys.JOBS_OF}.+"
"""A user's jobs outlive the user."""


async def leaks(store: Store) -> list[str]:
    """Sentences that name every key without a time to live that should not be there."""
    found = [name.decode() for name in await store.command("KEYS", "*")]
    lives = await store.commands([("TTL", name) for name in found]) if found else []
    endless = sorted(name for name, life in zip(found, lives, strict=True) if life == -1)
    return [line for name in endless if (line := await _judge(store, name))]


async def _judge(store: Store, name: str) -> str:
    if name in LISTS or re.fullmatch(UNLISTED, name):
        return ""
    for pattern, listed in MEMBERS.items():
        if match := re.fullmatch(pattern, name):
            return "" if await _stands_in(store, listed, match[1], name) else f"{name} outlives its entry in {listed}"
    return f"{name} has no time to live and is not on the list of lasting keys"


async def _stands_in(store: Store, listed: str, member: str, name: str) -> bool:
    """Whether the member is listed, or its key has gone meanwhile."""
    kind, exists = await store.commands([("TYPE", listed), ("EXISTS", name)])
    if not exists:
        return True
    verb = "ZSCORE" if kind == b"zset" else "SISMEMBER"
    return bool(await store.command(verb, listed, member))
