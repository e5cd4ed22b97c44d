"""One round: people push, cancel and pull, runs drain, and one part after another is killed; then all must be well.

`python -m tests.kills.round SEED` replays one; `--jobs`, `--lease` and `--events` as the failure names them.
"""

import argparse
import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from services.errors import ForesailError
from services.models import Queue
from services.store import queues
from tests.kills import checks, clients, figures, history
from tests.kills.chaos import KINDS, PATIENCE, Chaos, Event
from tests.kills.clients import Client, Deeds
from tests.kills.history import History
from tests.kills.world import World, world
from tests.store.process import embedded
from tests.store.soundness import connected


@dataclass(frozen=True, slots=True)
class Plan:
    """What a round is made of; `lease` in seconds."""

    seed: int
    jobs: int
    lease: float
    events: int

    @property
    def command(self) -> str:
        """Replays it: the same people, jobs and kills. Which instruction a kill hits is the machine's choice."""
        words = f"--jobs {self.jobs} --lease {self.lease:g} --events {self.events}"
        return f"python -m tests.kills.round {self.seed} {words}"

    def kinds(self) -> list[str]:
        """What happens, in order: three rounds in a row see every kind."""
        order = Random(self.seed // 3).sample(KINDS, len(KINDS))
        first = 3 * (self.seed % 3)
        return [order[number % len(KINDS)] for number in range(first, first + self.events)]


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a round."""

    plan: Plan
    jobs: int
    events: list[Event]
    redelivered: int
    stale: int
    """Completions that were refused, of runs that woke too late."""
    after_kill: float | None
    """Seconds to the last redelivery after a kill, and below, after SIGTERM."""
    after_sigterm: float | None
    faults: list[str]
    seconds: float

    def __str__(self) -> str:
        kinds = ", ".join(f"{event.kind} at {event.jobs_done} jobs of run {event.run}" for event in self.events)
        times = f"longest after a kill {_seconds(self.after_kill)}, after SIGTERM {_seconds(self.after_sigterm)}"
        head = f"round {self.plan.seed}: {self.jobs} jobs in {self.seconds:.0f} s; killed: {kinds}"
        counts = f"redelivered {self.redelivered}, refused as stale {self.stale}"
        return f"{head}; {counts}, {times} (lease {self.plan.lease:g} s)"


class BrokenPromiseError(AssertionError):
    """A promise was broken."""


def run(plan: Plan) -> Report:
    """Play a round and print its report; raises BrokenPromiseError with the command that replays it."""
    began = time.monotonic()
    try:
        report = asyncio.run(_play(plan, began))
    except (AssertionError, ForesailError) as error:
        raise BrokenPromiseError(f"{error}\nreplay: {plan.command}") from error
    sys.stderr.write(f"{report}\n")
    if report.faults:
        raise BrokenPromiseError("\n".join([str(report), *report.faults[:20], f"replay: {plan.command}"]))
    return report


async def _play(plan: Plan, began: float) -> Report:
    with world(plan.lease) as running:
        deeds = Deeds()
        token = clients.log_in(running)
        queue = clients.create_queue(running, token)
        events = await _disturb(plan, running, token, queue, deeds)
        metrics = running.metrics()
        running.stop()
        faults, past, end = await _judge(running, queue, deeds, metrics)
    return _report(plan, events, past, end, faults, time.monotonic() - began)


async def _disturb(plan: Plan, running: World, token: str, queue: int, deeds: Deeds) -> list[Event]:
    """Everything happens; at the end the queue is drained."""
    random = Random(plan.seed)
    people = [
        Client(running, token, queue, deeds, act, Random(f"{plan.seed} {number}"))
        for number, act in enumerate((clients.push, clients.push, clients.cancel, clients.pull))
    ]
    supervisor = Client(running, token, queue, deeds, clients.supervise, random)
    async with connected(running.store_url) as store:
        chaos = Chaos(running, store, queue, random)
        with _acting(supervisor):
            with _acting(*people):
                for kind in plan.kinds():
                    await chaos.happen(kind)
                await asyncio.to_thread(clients.wait_for_deeds, plan.jobs, deeds, time.monotonic() + PATIENCE)
            await chaos.drained()
    return chaos.events


@contextmanager
def _acting(*people: Client) -> Iterator[None]:
    for client in people:
        client.start()
    try:
        yield
    finally:
        for client in people:
            client.over.set()
        for client in people:
            client.join()
    for client in people:
        client.finish()


async def _judge(running: World, queue: int, deeds: Deeds, metrics: str) -> tuple[list[str], History, Queue]:
    past = history.read(running.folder, queue)
    with embedded(running.folder) as server:
        async with connected(server.url) as store:
            end = await queues.get(store, queue)
            found = await checks.all_jobs(store)
            faults = [
                *deeds.errors,
                *running.bugs(),
                *checks.accepted(found, deeds),
                *checks.ended(found, deeds),
                *checks.happened(past, found, deeds),
                *await checks.forecasts(store, found),
                *await figures.disagreements(store, metrics, past, deeds, running.life),
                *await checks.sound(store),
                *await checks.restored(store, running.folder / "export"),
            ]
    return faults, past, end


def _report(plan: Plan, events: list[Event], past: History, end: Queue, faults: list[str], seconds: float) -> Report:
    killed, terminated = defaultdict[int, list[float]](list), defaultdict[int, list[float]](list)
    for event in events:
        (terminated if event.kind == "SIGTERM" else killed)[event.run].append(event.time)
    after_kill = history.longest(past.returns, killed, "its lease ran out")
    after_sigterm = history.longest(past.returns, terminated, "given back")
    return Report(plan, end.enqueued, events, end.redelivered, end.stale, after_kill, after_sigterm, faults, seconds)


def _seconds(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f} s"


def main() -> None:
    """Read the arguments and play; ends with 1 and what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--jobs", type=int, default=1500)
    parser.add_argument("--lease", type=float, default=3)
    parser.add_argument("--events", type=int, default=len(KINDS))
    asked = parser.parse_args()
    try:
        run(Plan(asked.seed, asked.jobs, asked.lease, asked.events))
    except BrokenPromiseError as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
