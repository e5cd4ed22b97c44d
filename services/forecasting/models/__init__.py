"""The models by name. A new one is a file here with `fit_forecast` and `MIN_STEPS`, and a line in `MODELS`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.forecasting.forecast import Model
from services.forecasting.models import drift, naive, ols, theta


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """A model and what is to be known of it before it is run."""

    fit_forecast: Model
    min_steps: int
    """The shortest series that it can be fitted to."""
    cost: float
    """Time for a step of a series among many as a multiple of that of "ols"; measured by benchmarks/forecasting.py."""
    alone: float = 0.0
    """What a step costs however few the series, as a number of series: a recursion over time takes step after step, all
    series at once, so a long series alone takes as long as hundreds of them."""


MODELS: Mapping[str, RegisteredModel] = MappingProxyType(
    {
        "ols": RegisteredModel(ols.fit_forecast, ols.MIN_STEPS, 1.0),
        "naive": RegisteredModel(naive.fit_forecast, naive.MIN_STEPS, 3.5),
        "drift": RegisteredModel(drift.fit_forecast, drift.MIN_STEPS, 4.0),
        "theta": RegisteredModel(theta.fit_forecast, theta.MIN_STEPS, cost=100.0, alone=400.0),
    }
)
_STEP_SECONDS = 5e-9
"""Time of one core that "ols" takes for a step of a series, measured in 2026."""


def seconds(model: str, series: int, steps: int) -> float:
    """About how long one core takes for so many series of so many steps."""
    known = model_named(model)
    return _STEP_SECONDS * known.cost * steps * (series + known.alone)


def model_named(name: str) -> RegisteredModel:
    """The model of that name; ValueError, with the names that there are, if there is none."""
    if name not in MODELS:
        raise ValueError(f"there is no model {name!r}; there are {', '.join(MODELS)}")
    return MODELS[name]
