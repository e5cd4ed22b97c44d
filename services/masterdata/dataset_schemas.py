"""The JSON of datasets."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Path
from pydantic import BaseModel, Field, WithJsonSchema, model_validator

from services.models import Dataset
from services.store.datasets import Summary
from services.web.instants import instant
from services.web.schemas import Request

DatasetName = Annotated[
    str,
    Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$", description="Up to 64 of a-z, 0-9, '.', '_', '-', no mark first."),
]
# As a list of two: many programs that read a schema do not know of a list's items one by one.
Bounds = Annotated[
    tuple[float, float],
    WithJsonSchema({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}),
]


class Character(Request):
    """What the values of an uploaded dataset are like, which cannot be seen in the file."""

    season_length: int = Field(1, ge=1, le=366, description="Steps after which a season repeats.")
    lower: float | None = Field(None, allow_inf_nan=False, description="No value is lower; given with upper.")
    upper: float | None = Field(None, allow_inf_nan=False, description="No value is higher; given with lower.")

    @model_validator(mode="after")
    def _bounds_fit(self) -> Self:
        if (self.lower is None) != (self.upper is None):
            raise ValueError("lower and upper are given together or not at all")
        if self.bounds is not None and self.bounds[0] >= self.bounds[1]:
            raise ValueError(f"lower is {self.bounds[0]:g}; it has to be below upper, which is {self.bounds[1]:g}")
        return self

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Lower and upper, if there are any."""
        return None if self.lower is None or self.upper is None else (self.lower, self.upper)


class DatasetView(BaseModel):
    """A dataset, without its values."""

    name: str
    owner: str | None = Field(description="Null for the built-in dataset, which is nobody's.")
    version: int = Field(description="Grows with every upload under this name.")
    series: int
    steps: int
    season_length: int
    bounds: Bounds | None = Field(description="Values and forecasts never leave these.")
    first: str = Field(description="Stamp of the first step, as it was uploaded; empty where there is none.")
    last: str
    created: datetime | None = Field(description="When this version was uploaded; null for the built-in dataset.")

    @classmethod
    def of(cls, dataset: Dataset | Summary) -> Self:
        """The JSON of a dataset."""
        return cls(
            name=dataset.name,
            owner=dataset.owner or None,
            version=dataset.version,
            series=dataset.series,
            steps=dataset.steps,
            season_length=dataset.season_length,
            bounds=dataset.bounds,
            first=dataset.first,
            last=dataset.last,
            created=instant(dataset.created) if dataset.owner else None,
        )


class DatasetDetail(DatasetView):
    """A dataset with the names of its series."""

    assets: list[str]

    @classmethod
    def detailed(cls, dataset: Dataset) -> Self:
        """The JSON of a dataset, with names."""
        return cls(**dict(DatasetView.of(dataset)), assets=list(dataset.assets))


class SeriesView(BaseModel):
    """The last values of one series, the oldest first."""

    dataset: str
    asset: int
    name: str
    steps: int = Field(description="How many values the whole series has.")
    values: list[float]
