"""A job's calculation within the service, which goes on answering others meanwhile."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from services.forecasting.panel import FloatArray
from services.forecasting.rows import forecast_rows
from services.models import LEVELS, JobSpec
from services.store import panels, results
from services.web.service import Context


async def packed(context: Context, spec: JobSpec) -> bytes:
    """The packed result; raises NotFoundError where the dataset was replaced or deleted since the job was checked."""
    dataset, panel = await panels.some(context.store, context.settings.market, spec.dataset, spec.assets)
    arguments = (spec.model, panel, spec.horizon, LEVELS, dataset.season_length, dataset.bounds)
    rows = await asyncio.wrap_future(_beside(partial(forecast_rows, *arguments)))
    head = results.pack(spec.horizon, LEVELS, len(spec.assets), dataset.version, time.time())
    return head + rows.tobytes()


def _beside(call: Callable[[], FloatArray]) -> "Future[FloatArray]":
    """Call it in a thread that the end of the process does not wait for, as it would for one of asyncio.to_thread."""
    answer: Future[FloatArray] = Future()
    answer.set_running_or_notify_cancel()  # from now on whoever stops waiting does not change it

    def work() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:  # noqa: BLE001 - it is raised where the answer is waited for
            answer.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return answer
