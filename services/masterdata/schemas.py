"""The JSON of jobs in masterdata."""

from pydantic import BaseModel, Field

from services.models import JobStatus
from services.web.results import ResultsView
from services.web.schemas import JobView, Request


class CalculatedView(BaseModel):
    """A job that was stored and calculated at once, with what came out."""

    job: JobView
    results: ResultsView


class StatusChange(Request):
    """A status to give a job by hand."""

    status: JobStatus
    reason: str = Field("", max_length=500)
