"""What must be true after a round, whatever was killed: each check tells what is not, in sentences."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.config import MarketSettings
from services.exporter.restoring import restore_files
from services.forecasting.rows import forecast_rows
from services.models import LEVELS, MARKET, Job, JobStatus
from services.store import invariants, jobs, keys, panels, results
from services.store.connection import Store
from tests.exporter import content
from tests.kills.clients import Deeds
from tests.kills.history import History
from tests.store.lasting_keys import leaks
from tests.store.process import embedded, short_folder
from tests.store.soundness import connected

_PAGE = 500
_FORGOTTEN = (keys.TOKEN, keys.TOKENS, keys.LOGIN_FAILURES, keys.LEASE_SEQUENCE)
"""What an export leaves out on purpose, and the leases, which go on far above."""


async def all_jobs(store: Store) -> dict[int, Job]:
    """Every job there is."""
    found: dict[int, Job] = {}
    before = None
    while page := await jobs.page(store, jobs.ANYBODY, before, _PAGE):
        found.update((job.id, job) for job in page)
        before = page[-1].id
    return found


def accepted(found: Mapping[int, Job], deeds: Deeds) -> Iterator[str]:
    """Every job that was accepted is there as it was asked for; what nobody was told of came whole or not at all."""
    for job_id, asked in deeds.pushed.items():
        job = found.get(job_id)
        if job is None:
            yield f"job {job_id} was accepted and is gone"
        elif (list(job.spec.assets), job.spec.model, job.spec.horizon, job.spec.priority) != tuple(asked.values()):
            yield f"job {job_id} is not what was asked for: {job.spec}, {asked}"
    for job_id in deeds.cancelled:
        if found[job_id].status is not JobStatus.CANCELLED:
            yield f"job {job_id} was cancelled and is {found[job_id].status}"
    for job_id in deeds.pulled:
        if found[job_id].status not in (JobStatus.IN_PROGRESS, JobStatus.CANCELLED):
            yield f"job {job_id} was pulled and is {found[job_id].status}"


def ended(found: Mapping[int, Job], deeds: Deeds) -> Iterator[str]:
    """Every job is done, or somebody cancelled or pulled it."""
    pulled = {job.id for job in found.values() if job.status is JobStatus.IN_PROGRESS}
    if len(pulled - deeds.pulled) > deeds.unsure_pulls:
        yield f"{pulled - deeds.pulled} are in progress, and only {deeds.unsure_pulls} pulls were without an answer"
    for job in found.values():
        cancelled = job.status is JobStatus.CANCELLED and job.id in deeds.cancelled | deeds.unsure_cancels
        if job.status is not JobStatus.DONE and not cancelled and job.id not in pulled:
            yield f"job {job.id} is {job.status}: {job.reason}"


def happened(history: History, found: Mapping[int, Job], deeds: Deeds) -> Iterator[str]:
    """Claims were in order, pushes whole, and each result was stored exactly once."""
    yield from history.faults
    published = Counter(job for push in history.published for job in push)
    if published != Counter(found.keys()):
        yield f"not every job appeared exactly once: {published.keys() ^ found.keys()} {published.most_common(3)}"
    told = {push[0]: len(push) for push in deeds.pushes}
    untold = Counter(len(push) for push in history.published if told.get(push[0]) != len(push))
    if more := untold - Counter(size for size, _ in deeds.unsure_pushes):
        yield f"pushes of these sizes were never sent, so some came in part: {more}"
    done = Counter(job.id for job in found.values() if job.status is JobStatus.DONE)
    for what, times in (("got a result", history.results), ("became done", history.done)):
        if times != done:
            yield f"jobs {what} not exactly once: {times - done}, or never: {done - times}"


async def forecasts(store: Store, found: Mapping[int, Job]) -> list[str]:
    """Every stored result is, bit by bit, what the pure function says."""
    dataset, market = await panels.load(store, MarketSettings(), MARKET)
    done = [job for job in found.values() if job.status is JobStatus.DONE]

    @cache
    def rows(model: str, horizon: int) -> NDArray[np.float64]:
        return forecast_rows(model, market, horizon, LEVELS, dataset.season_length, dataset.bounds)

    faults = []
    for at in range(0, len(done), _PAGE):
        stored = await results.get_many(store, [job.id for job in done[at : at + _PAGE]])
        for job in done[at : at + _PAGE]:
            expected = rows(job.spec.model, job.spec.horizon)[list(job.spec.assets)]
            if job.id not in stored or stored[job.id].rows != expected.tobytes():
                faults.append(f"the result of job {job.id} is not the model's, or missing")
    return faults


async def sound(store: Store) -> list[str]:
    """Nothing is left over in the store, and its invariants hold."""
    return await leaks(store) + await invariants.violations(store)


async def restored(store: Store, files: Path) -> list[str]:
    """The files give the same system to an empty store."""
    before = _lasting(await content.everything(store))
    with short_folder() as folder, embedded(folder) as empty:
        async with connected(empty.url) as other:
            dropped = await restore_files(other, files)
            after = _lasting(await content.everything(other))
    different = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return [f"a restore dropped {dropped}"] * bool(dropped) + [f"{name} is not restored" for name in different[:10]]


def _lasting(everything: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in everything.items() if not name.startswith(_FORGOTTEN)}
