"""How a run can end, and what mpiexec returns then."""

from dataclasses import dataclass
from enum import IntEnum

from services.models import RunState


class ExitCode(IntEnum):
    """What the program returns."""

    DRAINED = 0
    FAILED = 1
    USAGE = 2
    STOPPED = 3


@dataclass(frozen=True, slots=True)
class Ending:
    """The last state of a run and why; no state where the run's record is not this program's to write."""

    state: RunState | None
    reason: str = ""
    counts: bool = False
    """Whether it was an attempt of the jobs that were not finished: they may be why the run ended."""

    @property
    def code(self) -> ExitCode:
        """The exit code that says so."""
        match self.state:
            case RunState.DONE:
                return ExitCode.DRAINED
            case RunState.STOPPED:
                return ExitCode.STOPPED
            case _:
                return ExitCode.FAILED


BY_SIGNAL = Ending(RunState.STOPPED, "stopped by a signal")
