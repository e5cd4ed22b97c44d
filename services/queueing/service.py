"""What the queueing service does."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from services.errors import InvalidError, TooLargeError
from services.models import Subject
from services.queueing.schemas import DiagnosisView, ExportView, JobBatch, KnownJobs, PushedView, StoreView
from services.store import exports, invariants, jobs, queues, retention, setup
from services.web import endless
from services.web.access import whose_jobs
from services.web.instants import instant
from services.web.requests import resolve
from services.web.schemas import JobRequest
from services.web.service import Context

_TIDY_SECONDS = 2.0
_MOST_CHECKED = 20_000
"""Jobs that one diagnosis looks at: a second or two."""
_TIDY_SHARE = 0.05
"""Of a lease: an expired one is seen before a silent run's jobs are to wait again (drain/leases.py)."""


@asynccontextmanager
async def tidying(context: Context) -> AsyncIterator[None]:
    """While the service runs, return expired leases, also where no run claims, and end or delete what is left over.

    Beside each other, for a deletion may take long. Replicas may all do it.
    """
    seconds = min(_TIDY_SECONDS, context.settings.queue.lease_seconds * _TIDY_SHARE)
    reap, tidy = partial(queues.reap, context.store), partial(_tidy, context)
    tasks = [
        asyncio.create_task(endless.repeat("return expired leases", reap, partial(asyncio.sleep, seconds))),
        asyncio.create_task(endless.repeat("tidy up", tidy, partial(asyncio.sleep, _TIDY_SECONDS))),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def push(context: Context, subject: Subject, index: int, body: JobRequest | JobBatch | KnownJobs) -> PushedView:
    """Push new jobs or known ones, all or none; raises InvalidError, NotFoundError or ConflictError."""
    if isinstance(body, KnownJobs):
        return await _push_known(context, subject, index, body.ids)
    requests = body.jobs if isinstance(body, JobBatch) else [body]
    most = context.settings.jobs.most_jobs_a_request
    if len(requests) > most:
        raise TooLargeError(f"{len(requests)} jobs are more than {most}, the most of one request")
    specs = await resolve(context, requests, "body.jobs" if isinstance(body, JobBatch) else "body")
    ids = await queues.enqueue(context.store, index, subject.user, specs)
    return PushedView(queue=index, first=ids[0], last=ids[-1], count=len(ids))


async def diagnose(context: Context) -> DiagnosisView:
    """The state of the installation, for an admin."""
    settings = await setup.settings(context.store)
    last = await exports.last(context.store)
    age = None if last is None else max(0.0, time.time() - last)
    known = await jobs.count(context.store)
    return DiagnosisView(
        store=StoreView.model_validate(settings),
        problems=setup.problems(settings),
        violations=await invariants.violations(context.store, jobs=_MOST_CHECKED),
        jobs=known,
        jobs_checked=min(known, _MOST_CHECKED),
        export=ExportView(age_seconds=age, last=instant(last)),
    )


async def _push_known(context: Context, subject: Subject, index: int, ids: list[int]) -> PushedView:
    if len(set(ids)) < len(ids):
        raise InvalidError("a job is named twice", "body.ids")
    most = min(context.settings.jobs.most_jobs_a_request, queues.MOST_KNOWN)
    if len(ids) > most:
        raise TooLargeError(
            f"{len(ids)} known jobs are more than {most}, the most of one request; send fewer at a time"
        )
    await queues.requeue(context.store, index, ids, whose_jobs(subject))
    return PushedView(queue=index, first=None, last=None, count=len(ids))


async def _tidy(context: Context) -> None:
    await queues.tidy(context.store)
    await retention.sweep(context.store, context.settings.retention)
    await jobs.fail_lost(context.store)  # last: a full store takes deletions alone
