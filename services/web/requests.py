"""Turns what a client asks for into what a job is: names become indices, and all is checked against the dataset."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.config import JobSettings
from services.errors import InvalidError
from services.forecasting.models import MODELS, seconds
from services.models import Dataset, JobSpec
from services.store import panels
from services.web.schemas import JobRequest
from services.web.service import Context

_MOST_PROBLEMS = 20


class FaultError(ValueError):
    """What is wrong with one request: the field and a sentence."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


async def resolve(
    context: Context, requests: Sequence[JobRequest], where: str, *, at_once: bool = False
) -> list[JobSpec]:
    """The jobs that the requests describe; raises InvalidError that names every wrong field (the first 20).

    `where` is the place of the requests in the body, such as `body` or `body.jobs`. `at_once`: whether they are to be
    calculated by the service, which refuses what takes long.
    """
    numbers_of: dict[str, list[int]] = {}
    for number, request in enumerate(requests):
        numbers_of.setdefault(request.dataset, []).append(number)
    specs: dict[int, JobSpec] = {}
    faults: dict[int, tuple[str, str]] = {}
    for name, numbers in numbers_of.items():
        known = await _find(context, name)
        for number in numbers:
            try:
                specs[number] = _spec(requests[number], known, context.settings.jobs, at_once=at_once)
            except FaultError as fault:
                place = where if len(requests) == 1 and where == "body" else f"{where}.{number}"
                faults[number] = (f"{place}.{fault.field}", str(fault))
        del known  # before the next one comes: the names of many would fill the memory
        if len(faults) >= _MOST_PROBLEMS:
            break
    if faults:
        raise InvalidError.of([fault for _, fault in sorted(faults.items())][:_MOST_PROBLEMS])
    return [specs[number] for number in range(len(requests))]


@dataclass
class _Known:
    """A dataset that the requests name; its names are sorted out once, for whoever asks by name."""

    dataset: Dataset

    @cached_property
    def names(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.dataset.assets)}


async def _find(context: Context, name: str) -> _Known | None:
    found = await panels.find(context.store, context.settings.market, name)
    return None if found is None else _Known(found)


def _spec(request: JobRequest, known: _Known | None, limits: JobSettings, *, at_once: bool) -> JobSpec:
    if known is None:
        raise FaultError("dataset", f"there is no dataset {request.dataset!r}")
    if len(request.assets) > limits.most_assets:
        raise FaultError(
            "assets", f"{len(request.assets)} assets are more than {limits.most_assets}, the most of one job"
        )
    assets = tuple(_indices(request.assets, known))
    if len(set(assets)) < len(assets):
        raise FaultError("assets", f"asset {_first_double(assets)} is named twice")
    model = limits.default_model if request.model is None else request.model
    horizon = limits.default_horizon if request.horizon is None else request.horizon
    _check_horizon(model, horizon, known.dataset, limits)
    if at_once:
        _check_time(model, len(assets), known.dataset, limits)
    return JobSpec(known.dataset.name, assets, model, horizon, request.priority)


def _indices(assets: Sequence[int | str], known: _Known) -> Iterator[int]:
    series = known.dataset.series
    for place, asset in enumerate(assets):
        index = known.names.get(asset) if isinstance(asset, str) else asset
        if index is None or not 0 <= index < series:
            what = f"{known.dataset.name} has {series} series, 0 to {series - 1}"
            raise FaultError(f"assets.{place}", f"there is no asset {asset!r:.100}: {what}, or their names")
        yield index


def _first_double(assets: tuple[int, ...]) -> int:
    seen: set[int] = set()
    return next(asset for asset in assets if asset in seen or seen.add(asset))  # type: ignore[func-returns-value]


def _check_horizon(model: str, horizon: int, dataset: Dataset, limits: JobSettings) -> None:
    if model not in MODELS:
        raise FaultError("model", f"there is no model {model!r}; there are {', '.join(MODELS)}")
    longest = min(limits.longest_horizon, dataset.steps // 2, dataset.steps - MODELS[model].min_steps)
    if horizon > longest:
        most = f"the most for {dataset.name}'s {dataset.steps} steps"
        raise FaultError("horizon", f"{horizon} steps are more than {longest}, {most}")


def _check_time(model: str, series: int, dataset: Dataset, limits: JobSettings) -> None:
    wanted, most = seconds(model, series, dataset.steps), limits.most_seconds_at_once
    if wanted > most:
        raise FaultError(
            "model",
            f"{model} of {series} series of {dataset.steps} steps takes about {wanted:.1f} s, and what is calculated "
            f"at once may take {most:g} s: put the job into a queue, or choose a cheaper model",
        )
