"""Which jobs changed since somebody last looked, by blocks of consecutive ids, as the scripts note it (prelude.lua)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from services.store import keys, pushes
from services.store.connection import Store

KEEP = 100_000
"""Changes after which an older one is forgotten: whoever has not looked for so long looks at everything."""
_MOST = 20_000
"""Blocks that one answer names; where more have changed, everything is looked at."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of a store's life. A change of its process or the loss of its content is the end of that life."""

    life: tuple[str, str]
    sequence: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed up to the mark since another one: blocks by number, or none where nobody knows."""

    mark: Mark
    blocks: frozenset[int] | None
    last_job: int
    """The last id given out at the mark."""
    unfinished: Sequence[bytes]
    """The pushes that went on at the mark (pushes.UNFINISHED)."""

    def later(self, ids: Sequence[int]) -> frozenset[int]:
        """Those of `ids` that were not there yet at the mark: who reads them may miss others of the same push."""
        return frozenset(job_id for job_id in ids if job_id > self.last_job) | pushes.unseen(ids, self.unfinished)


def block_of(job_id: int) -> int:
    """The block of a job."""
    return job_id // keys.JOBS_A_BLOCK


async def since(store: Store, seen: Mark | None) -> Changes:
    """What changed after `seen`."""
    after = seen.sequence if seen else 0
    server, life, last, last_job, unfinished, found = await store.commands(
        [
            ("INFO", "server"),
            ("HGET", keys.EXPORT, "life"),
            ("GET", keys.CHANGE_SEQUENCE),
            ("GET", keys.JOB_SEQUENCE),
            pushes.UNFINISHED,
            ("ZRANGE", keys.CHANGES, f"({after}", "+inf", "BYSCORE", "LIMIT", 0, _MOST),
        ]
    )
    if life is None:
        # Only then: a store that takes no writes can be exported all the same.
        await store.command("HSETNX", keys.EXPORT, "life", secrets.token_hex(8))
        return await since(store, seen)
    # A store that was killed may have lost its last changes, and would give their numbers to others.
    process = server.decode().partition("run_id:")[2].split()[0]
    mark = Mark((process, life.decode()), int(last or 0))
    known = seen is not None and seen.life == mark.life and mark.sequence - after < KEEP and len(found) < _MOST
    blocks = frozenset(map(int, found)) if known else None
    return Changes(mark, blocks, int(last_job or 0), unfinished)


async def trim(store: Store) -> None:
    """Forget changes that are older than anybody may ask for."""
    last = int(await store.command("GET", keys.CHANGE_SEQUENCE) or 0)
    await store.command("ZREMRANGEBYSCORE", keys.CHANGES, "-inf", last - KEEP)
