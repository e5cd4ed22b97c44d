"""From claimed jobs to the distinct series that have to be forecast, each (dataset, asset, model, horizon) once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from services.drain.plan import Part
from services.drain.rank import Values
from services.errors import InvalidError
from services.forecasting.models import MODELS
from services.forecasting.panel import check_holdout
from services.forecasting.rows import RowLayout
from services.models import LEVELS, ClaimedJob, Dataset

PORTION_BYTES = 16 << 20
"""Result bytes stored in one go: they bound the time for which the store is busy."""
MOST_JOB_BYTES = 256 << 20
"""Result bytes of one job: half of what the store's protocol takes as one value."""

Wish = tuple[str, str, int]
"""What makes jobs alike: dataset, model, horizon."""


@dataclass(frozen=True, slots=True)
class Group:
    """Jobs that want the same dataset, model and horizon, and the distinct series that they want together."""

    part: Part
    dataset_version: int
    jobs: tuple[ClaimedJob, ...]
    series: Values
    """(distinct, steps)"""
    places: NDArray[np.int64]
    """For each asset of each job, job after job, its row among the distinct ones."""


def result_bytes(job: ClaimedJob) -> int:
    """Bytes of the rows that a job's result will have."""
    return len(job.spec.assets) * _row_bytes(job.spec.horizon)


@cache
def _row_bytes(horizon: int) -> int:
    return RowLayout(horizon, LEVELS).width * 8


def portions(jobs: Sequence[ClaimedJob]) -> Iterator[list[ClaimedJob]]:
    """Cut a batch, in its order, into pieces whose results have at most PORTION_BYTES, or are one job's."""
    portion: list[ClaimedJob] = []
    size = 0
    for job in jobs:
        more = result_bytes(job)
        if portion and size + more > PORTION_BYTES:
            yield portion
            portion, size = [], 0
        portion.append(job)
        size += more
    if portion:
        yield portion


def wishes(jobs: Sequence[ClaimedJob]) -> dict[Wish, list[ClaimedJob]]:
    """The jobs by what they want, the jobs of one dataset next to each other."""
    alike: dict[Wish, list[ClaimedJob]] = {}
    for job in jobs:
        spec = job.spec
        alike.setdefault((spec.dataset, spec.model, spec.horizon), []).append(job)
    return dict(sorted(alike.items()))


def check(wish: Wish, dataset: Dataset) -> None:
    """Raise InvalidError where the dataset, as it is by now, cannot be forecast with the model that far ahead."""
    _, model, horizon = wish
    if model not in MODELS:
        raise InvalidError(f"there is no model {model}; there are {', '.join(MODELS)}", "model")
    try:
        check_holdout(dataset.steps, horizon, MODELS[model].min_steps)
    except ValueError as error:
        raise InvalidError(f"dataset {dataset.name} (version {dataset.version}): {error}", "horizon") from error


def obstacle(job: ClaimedJob, dataset: Dataset) -> str:
    """Why the dataset, as it is by now, cannot serve the job; empty where it can."""
    if job.created < dataset.renamed:
        return (
            f"dataset {dataset.name} (version {dataset.version}) has other assets, or in other places, than when the "
            "job was submitted; submit it again"
        )
    if lack := dataset.lack(job.spec.assets):
        return lack
    if result_bytes(job) > MOST_JOB_BYTES:
        return (
            f"its result would take {result_bytes(job) >> 20} MiB, and the store takes {MOST_JOB_BYTES >> 20} at most"
        )
    return ""


def group(wish: Wish, jobs: Sequence[ClaimedJob], dataset: Dataset, values: Values) -> Group:
    """Find the distinct series of jobs that are alike."""
    assets = np.fromiter(chain.from_iterable(job.spec.assets for job in jobs), dtype=np.int64)
    wanted = np.zeros(dataset.series, dtype=np.bool_)
    wanted[assets] = True
    distinct = np.flatnonzero(wanted)
    place = np.cumsum(wanted) - 1
    part = Part(wish[1], wish[2], LEVELS, dataset.season_length, dataset.bounds, dataset.steps, len(distinct))
    series = values if len(distinct) == dataset.series else values[distinct]
    return Group(part, dataset.version, tuple(jobs), series, place[assets])
