"""Checks the store's promises about itself: every job is exactly where its status says."""

from collections.abc import Iterator, Mapping

from services.store import keys
from services.store.connection import Store

_PAGE = 500
_PLACES = {"ready": keys.READY, "leased": keys.LEASED, "dead": keys.DEAD}


async def violations(store: Store, most: int = 100) -> list[str]:
    """Sentences that say which job is not where it should be; empty in a sound store. Reads all jobs, page by page."""
    found: list[str] = []
    after = 0
    while len(found) < most:
        raw = await store.command("ZRANGE", keys.JOBS, f"({after}", "+inf", "BYSCORE", "LIMIT", 0, _PAGE)
        if not raw:
            break
        ids = [int(job_id) for job_id in raw]
        found += await _check(store, ids)
        after = ids[-1]
    return found[:most]


async def _check(store: Store, ids: list[int]) -> list[str]:
    fields = await store.commands([("HMGET", keys.job(i), "status", "queue", "lease", "owner") for i in ids])
    jobs = {i: [(value or b"").decode() for value in f] for i, f in zip(ids, fields, strict=True)}
    questions = [("ZSCORE", keys.QUEUE + jobs[i][1] + place, i) for i in ids for place in _PLACES.values()]
    scores = await store.commands(questions)
    again = await store.commands([("HMGET", keys.job(i), "status", "queue", "lease", "owner") for i in ids])
    calm = [i for i, one, two in zip(ids, fields, again, strict=True) if one == two]
    places = {i: scores[3 * n : 3 * n + 3] for n, i in enumerate(ids)}
    return [line for i in calm for line in _judge(i, jobs[i], dict(zip(_PLACES, places[i], strict=True)))]


def _judge(job_id: int, job: list[str], scores: Mapping[str, bytes | None]) -> Iterator[str]:
    status, queue, lease, owner = job
    if not owner:
        yield f"job {job_id} is listed and has no record"
        return
    expected = {"queued": "ready", "failed": "dead"}.get(status, "leased" if lease else None)
    expected = expected if queue else None
    actual = [place for place, score in scores.items() if score is not None]
    if actual != ([expected] if expected else []):
        yield f"job {job_id} ({status}) of queue {queue or 'none'} is in {actual or 'no place'}, expected {expected}"
    if lease and status != "in progress":
        yield f"job {job_id} is {status} and still has a lease"
