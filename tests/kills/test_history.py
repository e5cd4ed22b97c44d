"""The history sees what it is there to see: each wrong step is told, and right ones are not."""

import pytest

from services.store import keys
from tests.kills.history import History

Command = list[bytes]


def words(*parts: str | int) -> Command:
    return [str(part).encode() for part in parts]


def pushed(job: int, score: int) -> list[Command]:
    ready = words("ZADD", keys.ready(1), score, job)
    record = words("HSET", keys.job(job), "owner", "ada", "status", "queued", "queue", 1, "updated", 1)
    return [record, ready]


def claimed(*jobs: int, lease: int = 1) -> list[Command]:
    records = [words("HSET", keys.job(job), "status", "in progress", "lease", lease, "run", 7) for job in jobs]
    return [*records, words("ZREMRANGEBYRANK", keys.ready(1), 0, len(jobs) - 1)]


def returned(job: int, score: int) -> list[Command]:
    fields = ("status", "queued", "reason", "its lease ran out", "lease", "", "updated", "9.5")
    return [words("HSET", keys.job(job), *fields), words("ZADD", keys.ready(1), score, job)]


def pulled(job: int) -> list[Command]:
    return [
        words("ZREM", keys.ready(1), job),
        words("HSET", keys.job(job), "status", "in progress", "queue", "", "updated", 2),
    ]


def done(job: int) -> list[Command]:
    return [words("SET", keys.result(job), "packed"), words("HSET", keys.job(job), "status", "done", "lease", "")]


def history(*steps: list[Command]) -> History:
    found = History(1)
    for step in steps:
        found.take(step)
    return found


START = (pushed(1, 11), pushed(2, 12), pushed(3, 13))


def test_what_is_right_is_no_fault() -> None:
    found = history(*START, claimed(1, 2), returned(1, 11), claimed(1, lease=2), done(1), done(2), pulled(3))
    assert found.faults == []
    assert (found.claims, found.pulls, found.results) == (4, [3], {1: 1, 2: 1})
    assert [(back.job, back.run, back.time) for back in found.returns] == [(1, 7, 9.5)]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([claimed(2)], "first in the queue stood"),
        ([claimed(2, 1)], "first in the queue stood"),
        ([pulled(2)], "not the first in the queue"),
        ([claimed(1), returned(1, 14)], "came back to another place"),
        ([pushed(4, 10)], "a place before jobs that were pushed earlier"),
        ([claimed(1, lease=5), returned(1, 11), claimed(1, lease=4)], "an older one than before"),
    ],
)
def test_what_is_wrong_is_told(steps: list[list[Command]], said: str) -> None:
    (fault,) = history(*START, *steps).faults
    assert said in fault


def test_a_result_that_is_stored_twice_is_counted_twice() -> None:
    found = history(*START, claimed(1), done(1), done(1))
    assert (found.results[1], found.done[1]) == (2, 2)
