"""Pushes: many new jobs that are in their queue all at once, though no script works on more than a few of them.

They are written and listed in pieces, which whoever reads passes over; one short script then appends them to the queue.
A push that ends half-way leaves nothing that anybody sees, and `tidy` removes the rest.
"""

from collections.abc import Sequence

from services.models import JobSpec
from services.store import keys
from services.store.connection import Store
from services.store.overlap import overlapping
from services.store.records import spec_words

PIECE = 250
"""Jobs written by one script: a few milliseconds, so that others are served in between."""
SILENCE_SECONDS = 60
"""After which a push counts as dead: many times what a slow pusher needs between two pieces."""

UNFINISHED = ("ZRANGE", keys.PUSHED, 0, -1, "WITHSCORES")
"""The command whose answer `unseen` reads; it belongs into the transaction that reads the jobs."""


def unseen(ids: Sequence[int], answer: Sequence[bytes]) -> frozenset[int]:
    """Those of `ids` that belong to unfinished pushes, and so are not there yet."""
    if not answer:
        return frozenset()
    going = [range(int(first), int(last) + 1) for last, first in zip(answer[::2], answer[1::2], strict=True)]
    return frozenset(job_id for job_id in ids if any(job_id in push for push in going))


async def push(store: Store, queue: int, owner: str, specs: Sequence[JobSpec]) -> range:
    """Create jobs at the end of the queue, all or none, and return their ids.

    Raises NotFoundError for the queue, UnavailableError where the store went away or the push was given up meanwhile.
    """
    if len(specs) <= PIECE:
        first = int(await store.call("enqueue", queue, owner, *_words(specs)))
        return range(first, first + len(specs))
    first = int(await store.call("begin_push", queue, owner, len(specs)))

    async def extend(at: int) -> None:
        await store.call("extend_push", first, at, *_words(specs[at : at + PIECE]))

    # Alone: a store that does not know the script yet is asked twice, and the second piece would come between.
    await extend(0)
    async for _ in overlapping(extend, range(PIECE, len(specs), PIECE)):
        pass
    await store.call("commit_push", first)
    return range(first, first + len(specs))


async def tidy(store: Store) -> None:
    """Remove what pushes have left that were silent for too long."""
    while int(await store.call("drop_push", SILENCE_SECONDS, PIECE)):
        pass


def _words(specs: Sequence[JobSpec]) -> list[str | int]:
    return [word for spec in specs for word in spec_words(spec)]
