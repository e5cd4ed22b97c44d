"""From claimed jobs to their outcomes: the packed result of each, or the reason why there is none."""

import time
from collections.abc import AsyncIterator, Iterator, Sequence

import numpy as np

from services.drain.batch import Group, Wish, check, group, obstacle, wishes
from services.drain.panels import Panels
from services.drain.rank import Values
from services.drain.ranks import Ranks
from services.errors import InvalidError, NotFoundError
from services.forecasting.models import seconds
from services.models import ClaimedJob
from services.store import results
from services.store.claims import Outcome

SERIES_BYTES = 64 << 20
"""Of series dealt out in one go, or one wish's: jobs may want one long series for very many horizons."""
SECONDS = 10.0
"""Of one core, expected, for what is dealt out in one go, or one wish's; then it is stored."""


class Forecaster:
    """Turns jobs into outcomes by means of all ranks, which may be silent so many seconds longer than is expected."""

    def __init__(self, ranks: Ranks, panels: Panels, silence_seconds: float) -> None:
        self._ranks = ranks
        self._panels = panels
        self._silence = silence_seconds

    async def outcomes(self, jobs: Sequence[ClaimedJob]) -> AsyncIterator[list[Outcome]]:
        """One outcome for each job, several lists of them where the jobs cost much, so that each is stored when it is
        there; an impossible job does not keep the others back.

        What is wanted of one dataset by one model and horizon is not cut: its series together take hardly longer than
        some of them, and its jobs may share them.
        """
        alike = wishes(jobs)
        await self._panels.refresh({dataset for dataset, _, _ in alike})
        groups: list[Group] = []
        found: list[Outcome] = []
        load = 0.0
        for wish, wishing in alike.items():
            made, impossible = await self._prepare(wish, wishing)
            more = sum(map(_load, made))
            if groups and load + more > 1:
                yield _in_order(jobs, found + await self._calculate(groups))
                groups, found, load = [], [], 0.0
            groups, found, load = groups + made, found + impossible, load + more
        yield _in_order(jobs, found + await self._calculate(groups))

    async def _prepare(self, wish: Wish, jobs: list[ClaimedJob]) -> tuple[list[Group], list[Outcome]]:
        try:
            dataset, values = await self._panels.load(wish[0])
            check(wish, dataset)
        except (NotFoundError, InvalidError) as error:
            return [], [_impossible(job, error.detail) for job in jobs]
        obstacles = {job.id: reason for job in jobs if (reason := obstacle(job, dataset))}
        possible = [job for job in jobs if job.id not in obstacles]
        groups = [group(wish, possible, dataset, values)] if possible else []
        return groups, [_impossible(job, obstacles[job.id]) for job in jobs if job.id in obstacles]

    async def _calculate(self, groups: list[Group]) -> list[Outcome]:
        if not groups:
            return []
        flat = [one.series.reshape(-1) for one in groups]
        series = flat[0] if len(flat) == 1 else np.concatenate(flat)
        rows, failures = await self._ranks.calculate([one.part for one in groups], series, self._silence)
        found: list[Outcome] = []
        first = 0
        for number, of in enumerate(groups):
            last = first + of.part.series * of.part.width
            if number in failures:
                found += [_impossible(job, failures[number]) for job in of.jobs]
            else:
                found += _done(of, rows[first:last].reshape(of.part.series, of.part.width))
            first = last
        return found


def _load(group: Group) -> float:
    """Its share of what is dealt out in one go."""
    part = group.part
    return max(group.series.nbytes / SERIES_BYTES, seconds(part.model, part.series, part.steps) / SECONDS)


def _in_order(jobs: Sequence[ClaimedJob], found: Sequence[Outcome]) -> list[Outcome]:
    by_id = {outcome.job_id: outcome for outcome in found}
    return [by_id[job.id] for job in jobs if job.id in by_id]


def _impossible(job: ClaimedJob, reason: str) -> Outcome:
    return Outcome(job.id, len(job.spec.assets), reason=reason)


def _done(of: Group, rows: Values) -> Iterator[Outcome]:
    """The rows of each job, copied once as one block and once into its result."""
    packed = rows[of.places].reshape(-1).view(np.uint8).data
    now, row_bytes = time.time(), of.part.width * 8
    heads: dict[int, bytes] = {}
    first = 0
    for job in of.jobs:
        assets = len(job.spec.assets)
        if assets not in heads:
            heads[assets] = results.pack(of.part.horizon, of.part.levels, assets, of.dataset_version, now)
        last = first + assets * row_bytes
        yield Outcome(job.id, assets, b"".join((heads[assets], packed[first:last])))
        first = last
