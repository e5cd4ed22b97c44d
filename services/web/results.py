"""Results in JSON, made from the packed rows when someone reads them."""

import math
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from services.forecasting.rows import RowLayout
from services.models import Dataset, Job
from services.store import panels
from services.store.results import StoredResult
from services.web.instants import instant
from services.web.service import Context


class ForecastView(BaseModel):
    """The forecast of one asset; the first of `mean` is the next step."""

    asset: int
    name: str
    mean: list[float | None]
    lower: dict[str, list[float | None]] = Field(description="Lower bounds of the prediction intervals, by level.")
    upper: dict[str, list[float | None]]
    mase: float | None = Field(description="Error over the last steps, held out; below naive_mase it beats naive.")
    naive_mase: float | None = Field(description="The same error of repeating the last value.")


class ResultsView(BaseModel):
    """What a job found out."""

    job: int
    dataset: str
    dataset_version: int
    model: str
    horizon: int
    levels: list[int]
    created: datetime
    forecasts: list[ForecastView]


async def views(context: Context, found: Sequence[tuple[Job, StoredResult]]) -> list[ResultsView]:
    """The JSON of jobs with their results."""
    made: dict[int, ResultsView] = {}
    for name, ones in groupby(sorted(found, key=_dataset_of), _dataset_of):
        dataset = await panels.find(context.store, context.settings.market, name)
        made |= {job.id: _view(job, result, dataset) for job, result in ones}
        del dataset  # before the next one comes: the names of many would fill the memory
    return [made[job.id] for job, _ in found]


def _dataset_of(one: tuple[Job, StoredResult]) -> str:
    return one[0].spec.dataset


def _view(job: Job, result: StoredResult, dataset: Dataset | None) -> ResultsView:
    layout = RowLayout(result.horizon, result.levels)
    rows = np.frombuffer(result.rows, dtype="<f8").reshape(result.assets, layout.width)
    named = dataset is not None and dataset.renamed_version <= result.dataset_version
    names = dataset.assets if dataset is not None and named else ()
    return ResultsView(
        job=job.id,
        dataset=job.spec.dataset,
        dataset_version=result.dataset_version,
        model=job.spec.model,
        horizon=result.horizon,
        levels=list(result.levels),
        created=instant(result.created),
        forecasts=[
            _forecast(asset, names[asset] if asset < len(names) else str(asset), rows[at : at + 1], layout)
            for at, asset in enumerate(job.spec.assets)
        ],
    )


def _forecast(asset: int, name: str, row: NDArray[np.float64], layout: RowLayout) -> ForecastView:
    levels = list(enumerate(layout.levels))
    return ForecastView(
        asset=asset,
        name=name,
        mean=_numbers(layout.mean(row)),
        lower={str(level): _numbers(layout.lower(row, at)) for at, level in levels},
        upper={str(level): _numbers(layout.upper(row, at)) for at, level in levels},
        mase=_numbers(layout.mase(row))[0],
        naive_mase=_numbers(layout.naive_mase(row))[0],
    )


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    """JSON knows neither nan nor infinity: both are null."""
    return [value if math.isfinite(value) else None for value in values.ravel().tolist()]
