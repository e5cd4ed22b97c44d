"""What the calculations service does."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from services.calculations.runners.choice import choose
from services.calculations.runners.runner import Runner
from services.calculations.schemas import DiagnosisView, NewRun, RunView
from services.errors import ConflictError, ForesailError, InvalidError, NotFoundError, UnavailableError
from services.forecasting.rows import RowLayout
from services.models import ACTIVE_RUN, LEVELS, Job, Run, RunState, Subject
from services.store import jobs, results, runs
from services.store.connection import Store
from services.web.paging import Page
from services.web.results import ResultsView, views
from services.web.service import Context

EVENT_SECONDS = 0.25
KEEP_ALIVE_SECONDS = 15
"""Of silence, after which a comment keeps proxies from cutting the connection."""
PAGE_BYTES = 4 << 20
"""Packed results of one page; as JSON they take about three times that."""
_log = logging.getLogger(__name__)


@asynccontextmanager
async def runner(context: Context) -> AsyncIterator[Runner]:
    """The runner of the settings; what it started ends with the service."""
    chosen = choose(context)
    try:
        yield chosen
    finally:
        await chosen.close()


async def start(context: Context, chosen: Runner, subject: Subject, wanted: NewRun) -> Run:
    """Start a run; raises InvalidError, NotFoundError for the queue, ConflictError, or UnavailableError."""
    limits = context.settings.run
    processes = wanted.processes or limits.processes
    if processes > limits.most_processes:
        where, most = "body.processes", f"{processes} ranks are more than {limits.most_processes}, the most of one run"
        raise InvalidError(f"{where}: {most}", where, [(where, most)])
    lease = context.settings.queue.lease_seconds
    run = await runs.start(context.store, wanted.queue, subject.user, processes, lease)
    try:
        await chosen.start(await runs.get(context.store, run))
    except ForesailError as error:
        await runs.end(context.store, run, RunState.FAILED, error.detail)
        raise
    _log.info("run %d of queue %d is started by %s", run, wanted.queue, subject.user, extra={"run": run})
    return await runs.get(context.store, run)


async def stop(context: Context, chosen: Runner, run_id: int) -> Run:
    """Ask a run to stop: it sees that at its next heartbeat, whichever replica started it."""
    await runs.request_stop(context.store, run_id)
    chosen.stop(run_id)
    return await runs.get(context.store, run_id)


async def diagnose(chosen: Runner) -> DiagnosisView:
    """Whether runs can be started, and by what."""
    try:
        return DiagnosisView(runner=await chosen.check(), problem="")
    except UnavailableError as error:
        return DiagnosisView(runner="", problem=error.detail)


async def events(store: Store, run: Run) -> AsyncIterator[str]:
    """Server-sent events: the run whenever it changed, and at last that it is over. Any replica can tell them."""
    shown, silence = "", 0.0
    while True:
        view = RunView.of(run).model_dump_json()
        if run.state not in ACTIVE_RUN:
            yield f"event: progress\ndata: {view}\n\nevent: end\ndata: {view}\n\n"
            return
        if view != shown:
            yield f"event: progress\ndata: {view}\n\n"
            shown, silence = view, 0.0
        elif silence >= KEEP_ALIVE_SECONDS:
            yield ": nothing new\n\n"
            silence = 0.0
        await asyncio.sleep(EVENT_SECONDS)
        silence += EVENT_SECONDS
        try:
            run = await runs.get(store, run.id)
        except UnavailableError:
            continue  # for a moment, which does not end the watching
        except NotFoundError:
            return  # who asks for the run now is told that it is gone


async def results_page(context: Context, run_id: int, after: int, limit: int) -> Page[ResultsView]:
    """Results of the jobs that the run finished, in order; a page ends early where it would become large.

    Raises NotFoundError, or ConflictError while the run goes on.
    """
    run = await runs.get(context.store, run_id)
    if run.state in ACTIVE_RUN:
        raise ConflictError(f"run {run_id} is {run.state}; its results can be fetched when it is over")
    ids = await runs.finished_jobs(context.store, run_id, after, limit + 1)
    known = {job.id: job for job in await jobs.get_many(context.store, ids[:limit])}
    taken = _fitting(ids[:limit], known)
    found = await results.get_many(context.store, [job_id for job_id in taken if job_id in known])
    items = await views(context, [(known[job_id], result) for job_id, result in found.items()])
    more = len(ids) > len(taken)
    return Page(items=items, next=str(after + len(taken)) if more else None)


def _fitting(ids: Sequence[int], known: dict[int, Job]) -> Sequence[int]:
    """The first ids, at least one, whose results are not more than a page; a deleted job takes no place."""
    size = 0
    for count, job_id in enumerate(ids):
        if job_id in known:
            spec = known[job_id].spec
            size += len(spec.assets) * RowLayout(spec.horizon, LEVELS).width * 8
        if count and size > PAGE_BYTES:
            return ids[:count]
    return ids
