"""A run counts as silent by looks alone: never by what was written before an outage, or by another machine's clock."""

from dataclasses import replace

from services.calculations.runners.silence import Silence
from services.models import Run, RunState

RUN = Run(7, 1, RunState.RUNNING, "mia", 2, 100.0, heartbeat=100.0)


def beaten(heartbeat: float) -> Run:
    return replace(RUN, heartbeat=heartbeat)


def test_a_run_is_silent_when_its_heartbeat_stands_still_for_long_enough() -> None:
    silence = Silence(30)
    assert [silence.look([RUN], now) for now in (0, 15, 29)] == [[], [], []]
    assert silence.look([RUN], 30) == [RUN]


def test_each_heartbeat_begins_anew() -> None:
    silence = Silence(30)
    silence.look([RUN], 0)
    assert silence.look([beaten(101)], 29) == []
    assert silence.look([beaten(101)], 58) == []
    assert silence.look([beaten(101)], 59) == [beaten(101)]


def test_after_an_outage_of_the_store_a_run_has_all_its_time() -> None:
    silence = Silence(30)
    silence.look([RUN], 0)
    silence.forget()
    assert silence.look([RUN], 1000) == []
    assert silence.look([RUN], 1030) == [RUN]
