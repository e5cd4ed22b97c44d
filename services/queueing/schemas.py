"""The JSON of queues."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Discriminator, FailFast, Field, Tag

from services.models import Queue, QueueState
from services.web.instants import instant
from services.web.schemas import JobRequest, Request


class NewQueue(Request):
    """A queue to append."""

    name: str = Field("", max_length=64, pattern=r"^[A-Za-z0-9._ -]*$", description="Empty: queue-<index>.")
    max_attempts: int | None = Field(
        None, ge=1, le=100, strict=True, description="How often a job is handed out before it fails."
    )


class JobBatch(Request):
    """Jobs to create and push, all or none."""

    jobs: Annotated[list[JobRequest], FailFast()] = Field(min_length=1)


_Known = Annotated[int, Field(ge=1, le=2**53 - 1, strict=True)]


class KnownJobs(Request):
    """Jobs to push that are in no queue, such as pulled ones; all or none."""

    ids: Annotated[list[_Known], FailFast()] = Field(min_length=1, json_schema_extra={"uniqueItems": True})


def _form(body: object) -> str:
    if isinstance(body, dict) and "jobs" in body:
        return "<jobs>"
    return "<ids>" if isinstance(body, dict) and "ids" in body else "<job>"


Push = Annotated[
    Annotated[JobRequest, Tag("<job>")] | Annotated[JobBatch, Tag("<jobs>")] | Annotated[KnownJobs, Tag("<ids>")],
    Discriminator(_form),
]
"""One job, many jobs, or the ids of known ones."""


class PushedView(BaseModel):
    """The ids of the new jobs: from first to last without a gap."""

    queue: int
    first: int | None
    last: int | None
    count: int


class CountView(BaseModel):
    """How many jobs were touched."""

    count: int


class QueueView(BaseModel):
    """A queue: its policy, its depth and its counters since it was created."""

    index: int
    name: str
    state: QueueState
    created: datetime
    max_attempts: int
    ready: int = Field(description="Jobs that wait.")
    leased: int = Field(description="Jobs that a run has claimed.")
    dead: int = Field(description="Jobs whose attempts are spent, or that were impossible.")
    oldest: datetime | None = Field(description="When the job at the head was created.")
    enqueued: int
    claimed: int
    completed: int
    failed: int
    redelivered: int = Field(description="Jobs that were returned because their lease ran out.")
    stale: int = Field(description="Completions refused because the lease was no longer held.")
    run: int | None = Field(description="The run that drains the queue now.")

    @classmethod
    def of(cls, queue: Queue) -> Self:
        """The JSON of a queue."""
        same = {name: getattr(queue, name) for name in cls.model_fields if name not in ("created", "oldest")}
        return cls(created=instant(queue.created), oldest=instant(queue.oldest), **same)


class StoreView(BaseModel):
    """The store's version and the settings that matter."""

    version: str
    maxmemory_policy: str = Field(alias="maxmemory-policy")
    appendonly: str
    appendfsync: str


class ExportView(BaseModel):
    """How far the exporter's files are behind; null before the first export."""

    age_seconds: float | None
    last: datetime | None


class DiagnosisView(BaseModel):
    """The state of the installation."""

    store: StoreView
    problems: list[str] = Field(description="Settings of the store that would lose data.")
    violations: list[str] = Field(description="Jobs that are not where their status says; none in a sound store.")
    jobs: int
    jobs_checked: int = Field(description="As many of them, the newest, were looked at.")
    export: ExportView
