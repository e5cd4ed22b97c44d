"""The words of the JSON that more than one service speaks: jobs as they are asked for, and as they stand."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, FailFast, Field, GetPydanticSchema, WithJsonSchema, model_validator
from pydantic_core import core_schema

from services.forecasting.models import MODELS
from services.models import MARKET, Job, JobStatus
from services.web.instants import instant

_MOST_FIELDS = 50
_LARGEST_ID = 2**53 - 1
Id = Annotated[int, Path(ge=1, le=_LARGEST_ID)]
"""A job's, queue's or run's number in a path."""
UserQuery = Annotated[str | None, Query(min_length=1, max_length=64)]
"""A list's user. No empty name: a script whose variable is empty would be shown everybody's."""


class Request(BaseModel):
    """A body that a client sends: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _few_fields(cls, body: object) -> object:
        """One fault for all fields that are far too many: one for each would take hundreds of times the body's size."""
        if isinstance(body, dict) and len(body) > _MOST_FIELDS:
            raise ValueError(f"it has {len(body)} fields; there are {', '.join(cls.model_fields)}")
        return body


# Not by a function of ours: called for each of a million assets, it took more than all else that is checked here.
_ASSET = core_schema.union_schema(
    [core_schema.int_schema(strict=True), core_schema.str_schema(strict=True)],
    custom_error_type="asset",
    custom_error_message="an asset is the index (0, 1, ...) or the name of a series of the dataset",
)
Asset = Annotated[int | str, GetPydanticSchema(lambda _source, _handler: _ASSET)]

# The names are only told: who asks for another one is answered together with what else is wrong with the job.
Model = Annotated[str, Field(max_length=32), WithJsonSchema({"type": "string", "enum": [*MODELS]})]


class JobRequest(Request):
    """Forecast some assets of a dataset, so many steps ahead."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"assets": [0, 1, 5], "horizon": 10}]})

    dataset: str = Field(MARKET, pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    assets: Annotated[list[Asset], FailFast()] = Field(
        min_length=1, description="Indices or names of series, each once.", json_schema_extra={"uniqueItems": True}
    )
    model: Model | None = Field(None, description="What [jobs] default_model says by default.")
    horizon: int | None = Field(None, ge=1, strict=True, description="Steps ahead; 10 (days) by default.")
    priority: int = Field(0, ge=0, le=9, strict=True, description="Higher ones are claimed first.")


class JobView(BaseModel):
    """A job as it stands."""

    id: int
    owner: str
    dataset: str
    assets: list[int]
    model: str
    horizon: int
    priority: int
    status: JobStatus
    queue: int | None = Field(description="The queue that it is in, or was finished from.")
    position: int | None = Field(description="Jobs ahead of it in its queue; null where it does not wait.")
    attempts: int = Field(description="How often it was claimed.")
    reason: str = Field(description="Why it waits again, failed or was cancelled.")
    run: int | None
    created: datetime
    updated: datetime

    @classmethod
    def of(cls, job: Job) -> Self:
        """The JSON of a job."""
        return cls(
            id=job.id,
            owner=job.owner,
            dataset=job.spec.dataset,
            assets=list(job.spec.assets),
            model=job.spec.model,
            horizon=job.spec.horizon,
            priority=job.spec.priority,
            status=job.status,
            queue=job.queue,
            position=job.position,
            attempts=job.attempts,
            reason=job.reason,
            run=job.run,
            created=instant(job.created),
            updated=instant(job.updated),
        )
