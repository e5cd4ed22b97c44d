"""What every runner can do."""

from typing import Protocol

from services.models import Run


class Runner(Protocol):
    """Starts the MPI program of a pending run and sees to it that the run's record does not outlive the program."""

    async def start(self, run: Run) -> None:
        """Start the program; raises UnavailableError where that is not possible here."""
        ...

    def stop(self, run_id: int) -> None:
        """The run was asked to stop by its record: make sure that its program does, if it is this runner's."""
        ...

    async def check(self) -> str:
        """Say by what runs would be started now; raises UnavailableError that says what is missing."""
        ...

    async def close(self) -> None:
        """Stop every program that this runner started, so that their leases go back, and wait for them."""
        ...
