"""What the masterdata service does with jobs."""

from services.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from services.masterdata import at_once
from services.masterdata.endings import Endings
from services.masterdata.schemas import CalculatedView, StatusChange
from services.models import Job, JobStatus, Subject
from services.store import jobs, results
from services.web.access import whose_jobs
from services.web.requests import resolve
from services.web.results import ResultsView, views
from services.web.schemas import JobRequest, JobView
from services.web.service import Context

_BROKEN_OFF = "the calculation broke off; the service's log tells why"


async def calculate(context: Context, endings: Endings, subject: Subject, request: JobRequest) -> CalculatedView:
    """Store a job, calculate it at once and store its result; a calculation that fails makes the job failed."""
    spec = (await resolve(context, [request], "body", at_once=True))[0]
    job_id = await jobs.create(context.store, subject.user, spec)
    try:
        packed = await at_once.packed(context, spec)
        await jobs.finish(context.store, job_id, packed)
    except ConflictError:
        raise  # it was cancelled meanwhile
    except (ValueError, NotFoundError) as error:
        await endings.fail(job_id, str(error))
        raise ConflictError(f"job {job_id} failed: {error}") from error
    except BaseException:
        await endings.fail(job_id, _BROKEN_OFF)
        raise
    job = await jobs.get(context.store, job_id)
    found = await views(context, [(job, results.unpack(packed))])
    return CalculatedView(job=JobView.of(job), results=found[0])


async def page(context: Context, subject: Subject, owner: str | None, before: int | None, limit: int) -> list[Job]:
    """The newest jobs: one's own, or anybody's for those who may see all. Raises ForbiddenError."""
    mine = whose_jobs(subject)
    if owner is not None and mine not in (jobs.ANYBODY, owner):
        raise ForbiddenError("the role employee sees only its own jobs")
    return await jobs.page(context.store, owner or mine, before, limit)


async def set_status(context: Context, subject: Subject, job_id: int, change: StatusChange) -> Job:
    """Give a job a status by hand; raises ConflictError where the table of transitions forbids it."""
    if change.status == JobStatus.QUEUED:
        how = "a job becomes queued by pushing it into a queue: POST /queueing/queues/{index}/jobs"
        raise InvalidError(how, "body.status")
    await jobs.set_status(context.store, [job_id], change.status, change.reason, whose_jobs(subject))
    return await jobs.get(context.store, job_id)


async def see_results(context: Context, subject: Subject, job_id: int) -> ResultsView:
    """The job's forecasts; raises NotFoundError that says why there are none."""
    job = await jobs.get(context.store, job_id, whose_jobs(subject))
    try:
        found = await results.get(context.store, job_id)
    except NotFoundError as error:
        why = f": {job.reason}" if job.reason else ""
        raise NotFoundError(f"job {job_id} has no results; it is {job.status}{why}") from error
    return (await views(context, [(job, found)]))[0]
