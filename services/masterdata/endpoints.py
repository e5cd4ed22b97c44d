"""The paths of jobs in the masterdata service."""

from typing import Annotated

from fastapi import APIRouter, Depends, status

from services.errors import ConflictError, NotFoundError
from services.masterdata import dataset_endpoints, endings, service
from services.masterdata.schemas import CalculatedView, StatusChange
from services.models import Scope, Subject
from services.store import jobs
from services.store.audit import Action
from services.web.access import needs, whose_jobs
from services.web.audit import audited
from services.web.openapi import operation_id
from services.web.paging import Limit, NumberCursor, Page, number, page
from services.web.problems import responses
from services.web.results import ResultsView
from services.web.schemas import Id, JobRequest, JobView, UserQuery
from services.web.service import InContext, Service, resource_of

NAME = "masterdata"
router = APIRouter(prefix="/masterdata", tags=[NAME], generate_unique_id_function=operation_id)
JobOwner = Annotated[Subject, needs(Scope.JOBS_OWN)]
Endings = Annotated[endings.Endings, Depends(resource_of(NAME))]


@router.post("/jobs", status_code=status.HTTP_201_CREATED, responses=responses(ConflictError))
async def calculate(context: InContext, endings: Endings, subject: JobOwner, body: JobRequest) -> CalculatedView:
    """Store a job, calculate it at once and return its forecasts."""
    return await service.calculate(context, endings, subject, body)


@router.get("/jobs", responses=responses())
async def list_jobs(
    context: InContext,
    subject: JobOwner,
    owner: UserQuery = None,
    limit: Limit = 100,
    cursor: NumberCursor = "",
) -> Page[JobView]:
    """Jobs, the newest first: one's own, or everybody's for those who may see all."""
    found = await service.page(context, subject, owner, number(cursor), limit)
    return page([JobView.of(job) for job in found], limit, found[-1].id if found else "")


@router.get("/jobs/{job_id}", responses=responses(NotFoundError))
async def see_job(context: InContext, subject: JobOwner, job_id: Id) -> JobView:
    """A job as it stands."""
    return JobView.of(await jobs.get(context.store, job_id, whose_jobs(subject)))


@router.put("/jobs/{job_id}", responses=responses(NotFoundError, ConflictError))
async def set_status(context: InContext, subject: JobOwner, job_id: Id, body: StatusChange) -> JobView:
    """Give a job a status by hand, such as cancelled: it leaves its queue."""
    return JobView.of(await service.set_status(context, subject, job_id, body))


@router.delete(
    "/jobs/{job_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(NotFoundError),
    dependencies=[audited(Action.JOB_DELETE)],
)
async def delete_job(context: InContext, subject: JobOwner, job_id: Id) -> None:
    """Delete a job with its results."""
    await jobs.delete(context.store, [job_id], whose_jobs(subject))


@router.get("/jobs/{job_id}/results", responses=responses(NotFoundError))
async def see_results(context: InContext, subject: JobOwner, job_id: Id) -> ResultsView:
    """A job's forecasts."""
    return await service.see_results(context, subject, job_id)


# Beside each other, not one in the other: a route's own path is then the whole of it, as metrics show it.
_both = APIRouter()
_both.routes.extend([*router.routes, *dataset_endpoints.router.routes])
SERVICE = Service(NAME, _both, endings.opened, large_bodies=("/masterdata/datasets/",))
