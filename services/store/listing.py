"""Lists of a queue's jobs by place. What leaves a list while it is read page by page moves no other job past a page."""

from dataclasses import dataclass

from services.errors import NotFoundError
from services.models import Job
from services.store import jobs, keys
from services.store.connection import Store
from services.store.paging import full


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job stands in a list: its score, in the store's own words, and among jobs of one score its id."""

    score: str
    job_id: int


Listed = tuple[Place, Job]


async def listed(store: Store, index: int, key: str, after: Place | None, limit: int) -> list[Listed]:
    """The first jobs of the list `key` that stand after a place, whether or not it is still taken.

    Raises NotFoundError for the queue.
    """

    async def read(at: Place | None, wanted: int) -> tuple[list[Place], list[Listed]]:
        exists, *found = await store.commands([("ZSCORE", keys.QUEUES, index), *_questions(key, at, wanted)])
        if exists is None:
            raise NotFoundError(f"there is no queue {index}")
        places = [place for answer in found for place in _places(answer) if at is None or _follows(place, at)][:wanted]
        known = {job.id: job for job in await jobs.get_many(store, [place.job_id for place in places])}
        return places, [(place, known[place.job_id]) for place in places if place.job_id in known]

    return await full(limit, after, read)


def _questions(key: str, at: Place | None, wanted: int) -> list[tuple[str | int, ...]]:
    """All of the place's own score, of which there are few, and so many of higher ones."""
    start = "-inf" if at is None else f"({at.score}"
    higher = ("ZRANGE", key, start, "+inf", "BYSCORE", "LIMIT", 0, wanted, "WITHSCORES")
    return [higher] if at is None else [("ZRANGE", key, at.score, at.score, "BYSCORE", "WITHSCORES"), higher]


def _places(answer: list[bytes]) -> list[Place]:
    return [Place(score.decode(), int(job_id)) for job_id, score in zip(answer[::2], answer[1::2], strict=True)]


def _follows(place: Place, at: Place) -> bool:
    """The store orders jobs of one score by the letters of their ids."""
    return place.score != at.score or str(place.job_id) > str(at.job_id)
