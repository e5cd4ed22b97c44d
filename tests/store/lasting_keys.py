"""The keys that may live for ever, and in which list each must stand; any other key needs a time to live."""

import re
from collections.abc import Mapping
from typing import Any

from services.store import keys
from services.store.connection import Store

LISTS = frozenset(
    {
        keys.USERS,
        keys.JOBS,
        keys.FINISHED_JOBS,
        keys.JOB_SEQUENCE,
        keys.AT_ONCE,
        keys.QUEUES,
        keys.QUEUE_NAMES,
        keys.QUEUE_SEQUENCE,
        keys.RUNS,
        keys.ACTIVE_RUNS,
        keys.FINISHED_RUNS,
        keys.RUN_SEQUENCE,
        keys.RUN_TOTALS,
        keys.LEASE_SEQUENCE,
        keys.DATASETS,
        keys.DATASET_SEQUENCE,
        keys.CHANGES,
        keys.CHANGE_SEQUENCE,
        keys.EXPORT,
        keys.AUDIT,
    }
)
"""One of each. QUEUES_DELETING, PUSHES and PUSHED are not here: a deletion and a push end."""
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
    names = [name.decode() for name in await store.command("KEYS", "*")]
    lives = await _ask(store, [("TTL", name) for name in names])
    endless = sorted(name for name, life in zip(names, lives, strict=True) if life == -1)
    entries = {name: entry for name in endless if (entry := _entry(name))}
    stray = [name for name in endless if name not in entries and not _lasts(name)]
    return [
        *[f"{name} has no time to live and is not on the list of lasting keys" for name in stray],
        *[f"{name} outlives its entry in {entries[name][0]}" for name in await _orphans(store, entries)],
    ]


def _lasts(name: str) -> bool:
    return name in LISTS or re.fullmatch(UNLISTED, name) is not None


def _entry(name: str) -> tuple[str, str] | None:
    """The list in which the key's member must stand, and the member."""
    if _lasts(name):
        return None
    matches = ((re.fullmatch(pattern, name), listed) for pattern, listed in MEMBERS.items())
    return next(((listed, match[1]) for match, listed in matches if match), None)


async def _orphans(store: Store, entries: Mapping[str, tuple[str, str]]) -> list[str]:
    """The keys whose member is not listed, and which have not gone meanwhile."""
    lists = list(set(MEMBERS.values()))
    kinds = dict(zip(lists, await _ask(store, [("TYPE", listed) for listed in lists]), strict=True))
    verbs = {listed: "ZSCORE" if kind == b"zset" else "SISMEMBER" for listed, kind in kinds.items()}
    asked = [((verbs[listed], listed, member), ("EXISTS", name)) for name, (listed, member) in entries.items()]
    answers = await _ask(store, [question for pair in asked for question in pair])
    found = zip(entries, answers[::2], answers[1::2], strict=True)
    return [name for name, listed, exists in found if exists and not listed]


async def _ask(store: Store, questions: list[tuple[str, ...]]) -> list[Any]:
    return await store.commands(questions) if questions else []
