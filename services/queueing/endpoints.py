"""The paths of the queueing service."""

from typing import Annotated

from fastapi import APIRouter, status

from services.errors import ConflictError, NotFoundError
from services.models import QueueState, Scope, Subject
from services.queueing import service
from services.queueing.schemas import CountView, DiagnosisView, NewQueue, Push, PushedView, QueueView
from services.store import queues
from services.store.audit import Action
from services.store.listing import Listed
from services.web.access import needs
from services.web.audit import Note, audited
from services.web.openapi import operation_id
from services.web.paging import Limit, NumberCursor, Page, PlaceCursor, at, number, page, place
from services.web.problems import responses
from services.web.schemas import Id, JobView
from services.web.service import InContext, Service

router = APIRouter(prefix="/queueing", tags=["queueing"], generate_unique_id_function=operation_id)
Reader = Annotated[Subject, needs(Scope.QUEUES_READ)]
Writer = Annotated[Subject, needs(Scope.QUEUES_WRITE)]
JobOwner = Annotated[Subject, needs(Scope.JOBS_OWN)]
JobReader = Annotated[Subject, needs(Scope.JOBS_ALL)]
Admin = Annotated[Subject, needs(Scope.SYSTEM)]
Purge = Annotated[Note, audited(Action.QUEUE_PURGE)]


@router.get("/queues", responses=responses())
async def list_queues(context: InContext, _: Reader, limit: Limit = 100, cursor: NumberCursor = "") -> Page[QueueView]:
    """Queues by index."""
    found = await queues.page(context.store, number(cursor) or 0, limit)
    return page([QueueView.of(queue) for queue in found], limit, found[-1].index if found else "")


@router.post("/queues", status_code=status.HTTP_201_CREATED, responses=responses(ConflictError))
async def create_queue(context: InContext, _: Writer, body: NewQueue) -> QueueView:
    """Append a queue; its index was never used before."""
    attempts = body.max_attempts or context.settings.queue.max_attempts
    index = await queues.create(context.store, body.name.strip(), attempts)
    return QueueView.of(await queues.get(context.store, index))


@router.get("/queues/{index}", responses=responses(NotFoundError))
async def see_queue(context: InContext, _: Reader, index: Id) -> QueueView:
    """A queue."""
    return QueueView.of(await queues.get(context.store, index))


@router.delete(
    "/queues/{index}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(NotFoundError),
    dependencies=[audited(Action.QUEUE_DELETE)],
)
async def delete_queue(context: InContext, _: Writer, index: Id) -> None:
    """Delete a queue with the jobs that are in it."""
    await queues.delete(context.store, index)


@router.post(
    "/queues/{index}/jobs",
    status_code=status.HTTP_201_CREATED,
    responses=responses(NotFoundError, ConflictError),
)
async def push(context: InContext, subject: JobOwner, index: Id, body: Push) -> PushedView:
    """Push one job, up to 10,000 jobs, or known jobs that are in no queue: all or none."""
    return await service.push(context, subject, index, body)


@router.get("/queues/{index}/jobs", responses=responses(NotFoundError))
async def list_waiting(
    context: InContext, _: JobReader, index: Id, limit: Limit = 100, cursor: PlaceCursor = ""
) -> Page[JobView]:
    """What waits, in the order in which it will be claimed."""
    return _page(await queues.waiting(context.store, index, place(cursor), limit), limit)


@router.post("/queues/{index}/pull", responses=responses(NotFoundError, ConflictError))
async def pull(context: InContext, _: Writer, index: Id) -> JobView:
    """Take the first waiting job out of the queue: it is in progress, and yours to finish."""
    return JobView.of(await queues.pull(context.store, index))


@router.post("/queues/{index}/pause", responses=responses(NotFoundError))
async def pause(context: InContext, _: Writer, index: Id) -> QueueView:
    """Hand out no more jobs; pushing goes on."""
    await queues.set_state(context.store, index, QueueState.PAUSED)
    return QueueView.of(await queues.get(context.store, index))


@router.post("/queues/{index}/resume", responses=responses(NotFoundError))
async def resume(context: InContext, _: Writer, index: Id) -> QueueView:
    """Hand out jobs again."""
    await queues.set_state(context.store, index, QueueState.OPEN)
    return QueueView.of(await queues.get(context.store, index))


@router.post("/queues/{index}/purge", responses=responses(NotFoundError))
async def purge(note: Purge, context: InContext, _: Writer, index: Id) -> CountView:
    """Delete the jobs that wait now."""
    count = await queues.purge(context.store, index)
    note.detail = f"{count} jobs"
    return CountView(count=count)


@router.get("/queues/{index}/dead-letters", responses=responses(NotFoundError))
async def list_dead_letters(
    context: InContext, _: JobReader, index: Id, limit: Limit = 100, cursor: PlaceCursor = ""
) -> Page[JobView]:
    """Jobs whose attempts are spent, or that were impossible; `reason` says why."""
    return _page(await queues.dead_letters(context.store, index, place(cursor), limit), limit)


@router.post("/queues/{index}/redrive", responses=responses(NotFoundError))
async def redrive(context: InContext, _: Writer, index: Id) -> CountView:
    """Put all dead letters back to their own places, with fresh attempts."""
    return CountView(count=await queues.redrive(context.store, index))


@router.get("/diagnosis", responses=responses())
async def diagnose(context: InContext, _: Admin) -> DiagnosisView:
    """The store's settings, the invariants, the age of the export."""
    return await service.diagnose(context)


def _page(found: list[Listed], limit: int) -> Page[JobView]:
    return page([JobView.of(job) for _, job in found], limit, at(found[-1][0]) if found else None)


SERVICE = Service("queueing", router, service.tidying)
