"""Jobs: create, read, list, give a status, delete."""

from collections.abc import Mapping, Sequence

from services.errors import NotFoundError
from services.models import TRANSITIONS, Job, JobSpec, JobStatus
from services.store import keys, pushes
from services.store.connection import Store
from services.store.paging import full
from services.store.records import optional_int, spec_of, spec_words, text_hash

ANYBODY = ""
"""In place of an owner: whoever's the job is."""
AT_ONCE_SECONDS = 600
"""For a calculation at once, which takes some ten seconds; after that, the service that began it was killed."""
_PIECE = 250
"""Jobs touched by one script: a few milliseconds, so that others are served in between."""
_LOST = "the service that calculated it was killed; submit it again"


async def create(store: Store, owner: str, spec: JobSpec) -> int:
    """Store a job that is in no queue, for its creator to calculate at once, and return its id."""
    return int(await store.call("create_job", owner, AT_ONCE_SECONDS, *spec_words(spec)))


async def finish(store: Store, job_id: int, packed: bytes) -> None:
    """Store the result of a job that is in no queue; raises ConflictError where it is not in progress any more."""
    await store.call("finish_job", job_id, packed)


async def fail_lost(store: Store) -> None:
    """Fail the jobs whose calculation at once nobody goes on with."""
    while int(await store.call("fail_lost", _LOST, _PIECE)) == _PIECE:
        pass


async def get(store: Store, job_id: int, owner: str = ANYBODY) -> Job:
    """The job; raises NotFoundError where there is none or it is not `owner`'s."""
    found = await get_many(store, [job_id])
    if not found or owner not in (ANYBODY, found[0].owner):
        raise NotFoundError(f"there is no job {job_id}")
    return found[0]


async def get_many(store: Store, ids: Sequence[int]) -> list[Job]:
    """The jobs of `ids` that exist, in that order."""
    looks = [look for job_id in ids for look in (("HGETALL", keys.job(job_id)), ("ZSCORE", keys.JOBS, job_id))]
    *answers, pushed = await store.commands([*looks, pushes.UNFINISHED])
    unseen = pushes.unseen(ids, pushed)
    looked = zip(ids, answers[::2], answers[1::2], strict=True)
    listed = [(job_id, answer) for job_id, answer, score in looked if answer and score is not None]
    hashes = {job_id: text_hash(answer) for job_id, answer in listed if job_id not in unseen}
    waiting = {job_id: int(fields["queue"]) for job_id, fields in hashes.items() if fields["status"] == "queued"}
    ranks = await store.commands([("ZRANK", keys.ready(queue), job_id) for job_id, queue in waiting.items()])
    positions = dict(zip(waiting, ranks, strict=True))
    return [job_of(job_id, fields, positions.get(job_id)) for job_id, fields in hashes.items()]


async def page(store: Store, owner: str, before: int | None, limit: int) -> list[Job]:
    """The newest jobs with an id below `before`, newest first; of one owner or of all."""

    async def read(before: int | None, wanted: int) -> tuple[list[int], list[Job]]:
        found = await store.call("list_jobs", owner, "+inf" if before is None else f"({before}", wanted)
        ids = [int(job_id) for job_id in found]
        return ids, await get_many(store, ids)

    return await full(limit, before, read)


async def set_status(store: Store, ids: Sequence[int], status: JobStatus, reason: str, owner: str = ANYBODY) -> None:
    """Give all jobs a status by hand, or none: a run's lease on them is void.

    Queued ones are back in their own places, after a failure with fresh attempts; with another status they leave their
    queue. Raises NotFoundError, or ConflictError where models.TRANSITIONS does not allow it.
    """
    allowed = "".join(f"{before}," for before, after in TRANSITIONS.items() if status in after)
    await store.call("transition", status, reason, owner, allowed, *dict.fromkeys(ids))


async def delete(store: Store, ids: Sequence[int], owner: str = ANYBODY) -> None:
    """Delete all jobs with their results, or none; raises NotFoundError."""
    await store.call("delete_jobs", owner, *dict.fromkeys(ids))


async def count(store: Store, owner: str = ANYBODY) -> int:
    """How many jobs there are, of one owner or of all."""
    return int(await store.call("count_jobs", owner))


def job_of(job_id: int, fields: Mapping[str, str], position: int | None = None) -> Job:
    """The job of a record, at a position in its queue; raises ValueError or KeyError for what is none."""
    spec = spec_of(*(fields[name] for name in ("dataset", "assets", "model", "horizon", "priority")))
    return Job(
        id=job_id,
        owner=fields["owner"],
        spec=spec,
        status=JobStatus(fields["status"]),
        queue=optional_int(fields, "queue"),
        created=float(fields["created"]),
        updated=float(fields["updated"]),
        attempts=int(fields["attempts"]),
        reason=fields.get("reason", ""),
        run=optional_int(fields, "run"),
        position=position,
    )
