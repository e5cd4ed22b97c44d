"""The JSON of runs."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from services.models import ACTIVE_RUN, Run, RunState
from services.web.instants import instant
from services.web.schemas import Request


class NewRun(Request):
    """A queue to drain."""

    queue: int = Field(ge=1, le=2**53 - 1, strict=True)
    processes: int | None = Field(None, ge=1, strict=True, description="Ranks; what [run] processes says by default.")


class DiagnosisView(BaseModel):
    """Whether runs can be started."""

    runner: str = Field(description="By what; empty where they cannot be.")
    problem: str = Field(description="What is missing; empty where nothing is.")


class RunView(BaseModel):
    """A run as it stands."""

    id: int
    queue: int
    state: RunState
    owner: str
    processes: int
    hosts: list[str]
    created: datetime
    started: datetime | None
    finished: datetime | None
    jobs_total: int = Field(description="Jobs that waited when the run started or were pushed since.")
    jobs_done: int
    jobs_failed: int
    assets_total: int
    assets_done: int
    rate: float = Field(description="Jobs finished a second since the start.")
    finish_expected: datetime | None = Field(description="When all will be finished at that rate.")
    stop_requested: bool
    reason: str = Field(description="For what it waits, or why it ended early.")

    @classmethod
    def of(cls, run: Run) -> Self:
        """The JSON of a run."""
        times = ("created", "started", "finished")
        same = {name: getattr(run, name) for name in cls.model_fields if name not in (*times, "finish_expected")}
        return cls(
            **{name: instant(getattr(run, name)) for name in times},
            finish_expected=instant(_finish_expected(run)),
            **same,
        )


def _finish_expected(run: Run) -> float | None:
    left = run.jobs_total - run.jobs_done - run.jobs_failed
    if run.state not in ACTIVE_RUN or run.heartbeat is None or not run.rate:
        return None
    return run.heartbeat + max(left, 0) / run.rate
