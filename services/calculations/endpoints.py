"""The paths of the calculations service."""

from typing import Annotated

from fastapi import APIRouter, Depends, status
from fastapi.responses import StreamingResponse

from services.calculations import service
from services.calculations.runners.runner import Runner
from services.calculations.schemas import DiagnosisView, NewRun, RunView
from services.errors import ConflictError, NotFoundError
from services.models import Scope, Subject
from services.store import runs
from services.store.audit import Action
from services.web.access import needs
from services.web.audit import Note, audited
from services.web.openapi import operation_id
from services.web.paging import Limit, NumberCursor, Page, number, page
from services.web.problems import responses
from services.web.results import ResultsView
from services.web.schemas import Id
from services.web.service import InContext, Service, resource_of

NAME = "calculations"
router = APIRouter(prefix="/calculations", tags=[NAME], generate_unique_id_function=operation_id)
Reader = Annotated[Subject, needs(Scope.RUNS_READ)]
Writer = Annotated[Subject, needs(Scope.RUNS_WRITE)]
Admin = Annotated[Subject, needs(Scope.SYSTEM)]
JobReader = Annotated[Subject, needs(Scope.JOBS_ALL)]
Start = Annotated[Note, audited(Action.RUN_START)]
Chosen = Annotated[Runner, Depends(resource_of(NAME))]
_STREAM = "text/event-stream"


@router.post("/runs", status_code=status.HTTP_202_ACCEPTED, responses=responses(NotFoundError, ConflictError))
async def start_run(note: Start, context: InContext, subject: Writer, runner: Chosen, body: NewRun) -> RunView:
    """Start to drain a queue; one run drains it at a time."""
    note.detail = f"queue {body.queue}"
    run = await service.start(context, runner, subject, body)
    note.target = str(run.id)
    return RunView.of(run)


@router.get("/runs", responses=responses())
async def list_runs(context: InContext, _: Reader, limit: Limit = 100, cursor: NumberCursor = "") -> Page[RunView]:
    """Runs, the newest first."""
    found = await runs.page(context.store, number(cursor), limit)
    return page([RunView.of(run) for run in found], limit, found[-1].id if found else "")


@router.get("/runs/{run_id}", responses=responses(NotFoundError))
async def see_run(context: InContext, _: Reader, run_id: Id) -> RunView:
    """A run and its progress."""
    return RunView.of(await runs.get(context.store, run_id))


@router.delete(
    "/runs/{run_id}",
    status_code=status.HTTP_202_ACCEPTED,
    responses=responses(NotFoundError, ConflictError),
    dependencies=[audited(Action.RUN_STOP)],
)
async def stop_run(context: InContext, _: Writer, runner: Chosen, run_id: Id) -> RunView:
    """Ask a run to stop; its unfinished jobs go back to their places."""
    return RunView.of(await service.stop(context, runner, run_id))


@router.get(
    "/runs/{run_id}/events",
    response_class=StreamingResponse,
    responses={
        **responses(NotFoundError),
        200: {"description": "The run whenever it changes, and at last `event: end`.", "content": {_STREAM: {}}},
    },
)
async def watch_run(context: InContext, _: Reader, run_id: Id) -> StreamingResponse:
    """Progress as server-sent events, until the run is over."""
    run = await runs.get(context.store, run_id)
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(service.events(context.store, run), media_type=_STREAM, headers=headers)


@router.get("/runs/{run_id}/results", responses=responses(NotFoundError, ConflictError))
async def list_results(
    context: InContext, _: JobReader, run_id: Id, limit: Limit = 100, cursor: NumberCursor = ""
) -> Page[ResultsView]:
    """All results of a run that is over, in the order in which its jobs were finished."""
    return await service.results_page(context, run_id, number(cursor) or 0, limit)


@router.get("/diagnosis", responses=responses())
async def check_runner(_: Admin, runner: Chosen) -> DiagnosisView:
    """Whether runs can be started, and by what."""
    return await service.diagnose(runner)


SERVICE = Service(NAME, router, service.runner)
