"""Which runs have gone silent: nobody else would end a run whose service and program died together."""

import time
from collections.abc import Iterable

from services.models import Run

JOBS_COME_BACK = "its leases bring its jobs back"
SILENT = f"it went silent; {JOBS_COME_BACK}"
"""Why a run ended that was not heard of any more."""


class Silence:
    """Compares the heartbeats of runs between looks.

    Only time in which the store answered look after look counts, by this machine's clock: after an outage every program
    has as long as before to be heard again.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._heard: dict[int, tuple[float | None, float]] = {}

    def look(self, active: Iterable[Run], now: float | None = None) -> list[Run]:
        """The runs whose heartbeat has stood still for `seconds`; `now` is a monotonic time."""
        now = time.monotonic() if now is None else now
        before, self._heard = self._heard, {}
        silent = []
        for run in active:
            heartbeat, since = before.get(run.id, (None, now))
            since = since if heartbeat == run.heartbeat else now
            self._heard[run.id] = (run.heartbeat, since)
            if now - since >= self._seconds:
                silent.append(run)
        return silent

    def forget(self) -> None:
        """Begin anew: the store did not answer, so nobody could be heard."""
        self._heard = {}
