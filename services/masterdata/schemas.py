"""The JSON of jobs in masterdata."""

from typing import Annotated

from pydantic import BaseModel, Field, WithJsonSchema

from services.models import JobStatus
from services.web.results import ResultsView
from services.web.schemas import JobView, Request

_STATUSES = [status for status in JobStatus if status != JobStatus.QUEUED]
# `queued` is only not told: whoever asks for it is answered how a job comes into a queue.
ByHand = Annotated[JobStatus, WithJsonSchema({"type": "string", "enum": _STATUSES})]


class CalculatedView(BaseModel):
    """A job that was stored and calculated at once, with what came out."""

    job: JobView
    results: ResultsView


class StatusChange(Request):
    """A status to give a job by hand."""

    status: ByHand
    reason: str = Field("", max_length=500, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$", description="No control characters.")
