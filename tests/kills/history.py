"""All that ever happened in a store, in its own order: its append-only file, read step by step.

A script's writes stand there together, so each claim can be held against what waited at that moment.
"""

import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import hiredis

from services.store import keys

Command = list[bytes]
_JOB = re.compile(re.escape(keys.JOB.encode()) + rb"(\d+)")
_RESULT = re.compile(re.escape(keys.RESULT.encode()) + rb"(\d+)")
_SEQUENCES = 2**48
"""Below it in a score stands the sequence, above it the priority (lua/prelude.lua)."""


@dataclass(frozen=True, slots=True)
class Return:
    """A claimed job went back to its place."""

    time: float
    job: int
    run: int
    reason: str


@dataclass
class History:
    """What became of the jobs of one queue; `faults` says what should never have happened."""

    queue: int
    published: list[list[int]] = field(default_factory=list)
    results: Counter[int] = field(default_factory=Counter)
    done: Counter[int] = field(default_factory=Counter)
    claims: int = 0
    pulls: list[int] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _ready: dict[int, float] = field(default_factory=dict)
    _places: dict[int, float] = field(default_factory=dict)
    _holder: dict[int, int] = field(default_factory=dict)
    _leases: dict[int, int] = field(default_factory=dict)
    _sequence: float = 0

    def take(self, step: list[Command]) -> None:
        """Replay what one script, or one command, wrote."""
        changes = [change for command in step if (change := _job_change(command))]
        claimed = [job for job, to in changes if to.get("status") == "in progress" and to.get("lease")]
        pulled = [job for job, to in changes if to.get("status") == "in progress" and to.get("queue") == ""]
        known = len(self._places)
        for command in step:
            self._places_change(command, claimed, pulled)
            if command[0] == b"SET" and (match := _RESULT.fullmatch(command[1])):
                self.results[int(match[1])] += 1
        if len(self._places) > known:
            self._publish(list(self._places)[known:])
        for job, to in changes:
            self._follow(job, to)
        self.claims += len(claimed) + len(pulled)
        self.pulls += pulled

    def _publish(self, jobs: list[int]) -> None:
        self.published.append(jobs)
        for job in jobs:
            sequence = self._places[job] % _SEQUENCES
            if sequence <= self._sequence:
                self.faults.append(f"job {job} was pushed and got a place before jobs that were pushed earlier")
            self._sequence = sequence

    def _follow(self, job: int, to: dict[str, str]) -> None:
        if to.get("lease"):
            if int(to["lease"]) < self._leases.get(job, 0):
                self.faults.append(f"job {job} was claimed under lease {to['lease']}, an older one than before")
            self._leases[job], self._holder[job] = int(to["lease"]), int(to["run"] or 0)
        elif to.get("status") == "queued" and "owner" not in to:
            self.returns.append(Return(float(to["updated"]), job, self._holder.get(job, 0), to["reason"]))
        elif to.get("status") == "done":
            self.done[job] += 1

    def _places_change(self, command: Command, claimed: list[int], pulled: list[int]) -> None:
        if command[1:2] != [keys.ready(self.queue).encode()]:
            return
        if command[0] == b"ZADD":
            for score, job in zip(command[2::2], command[3::2], strict=True):
                self._put(int(job), float(score))
        elif command[0] == b"ZREMRANGEBYRANK":
            head = heapq.nsmallest(int(command[3]) + 1, self._ready, key=self._ready.__getitem__)
            if head != claimed:
                self.faults.append(f"claimed were {claimed}, and first in the queue stood {head}")
            self._remove(head)
        elif command[0] == b"ZREM":
            jobs = [int(job) for job in command[2:]]
            if jobs == pulled and jobs != heapq.nsmallest(1, self._ready, key=self._ready.__getitem__):
                self.faults.append(f"{jobs} was pulled and not the first in the queue")
            self._remove(jobs)

    def _put(self, job: int, score: float) -> None:
        if self._places.setdefault(job, score) != score:
            self.faults.append(f"job {job} came back to another place: {score}, not {self._places[job]}")
        self._ready[job] = score

    def _remove(self, jobs: list[int]) -> None:
        for job in jobs:
            self._ready.pop(job, None)


def read(folder: Path, queue: int) -> History:
    """The history of an embedded store's folder."""
    (log,) = (folder / "appendonlydir").glob("*.incr.aof")
    assert log.name.endswith(".1.incr.aof"), "the file was rewritten, so that its beginning is gone"
    history = History(queue)
    for step in _steps(log):
        history.take(step)
    return history


def _steps(log: Path) -> Iterator[list[Command]]:
    """Commands that took place together."""
    together: list[Command] | None = None
    for command in _commands(log):
        if command[0] == b"MULTI":
            together = []
        elif command[0] == b"EXEC":
            yield together or []
            together = None
        elif together is not None:
            together.append(command)
        else:
            yield [command]


def _commands(log: Path) -> Iterator[Command]:
    reader = hiredis.Reader()
    with log.open("rb") as stream:
        while piece := stream.read(1 << 20):
            reader.feed(piece)
            while (command := reader.gets()) is not False:
                yield [command[0].upper(), *command[1:]]


def _job_change(command: Command) -> tuple[int, dict[str, str]] | None:
    """The job and the fields of its record that a command writes."""
    match = _JOB.fullmatch(command[1]) if command[0] == b"HSET" else None
    if not match:
        return None
    words = [word.decode() for word in command[2:]]
    return int(match[1]), dict(zip(words[::2], words[1::2], strict=True))


def longest(returns: list[Return], events: dict[int, list[float]], reason: str) -> float | None:
    """Longest time from what last befell a run to the return of one of its jobs for that reason; none without one."""
    times: dict[int, list[float]] = defaultdict(list)
    for back in returns:
        before = [moment for moment in events.get(back.run, []) if moment <= back.time]
        if before and back.reason.startswith(reason):
            times[back.run].append(back.time - max(before))
    return max((seconds for found in times.values() for seconds in found), default=None)
