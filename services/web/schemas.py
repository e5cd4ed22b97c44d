"""The words of the JSON that more than one service speaks: jobs as they are asked for, and as they stand."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from services.forecasting.models import MODELS
from services.models import MARKET, Job, JobStatus
from services.web.instants import instant

_LARGEST_ID = 2**53 - 1
Id = Annotated[int, Path(ge=1, le=_LARGEST_ID)]
"""A job's, queue's or run's number in a path."""


class Request(BaseModel):
    """A body that a client sends: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


def _asset(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("an asset is the index (0, 1, ...) or the name of a series of the dataset")
    return value


Asset = Annotated[int | str, BeforeValidator(_asset)]

# The names are only told: who asks for another one is answered together with what else is wrong with the job.
Model = Annotated[str, Field(max_length=32), WithJsonSchema({"type": "string", "enum": [*MODELS]})]


class JobRequest(Request):
    """Forecast some assets of a dataset, so many steps ahead."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"assets": [0, 1, 5], "horizon": 10}]})

    dataset: str = Field(MARKET, pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    assets: list[Asset] = Field(
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
