"""A seeded schedule: every step is done to the real store and to the reference, and both must answer and look alike."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import count
from typing import Any

from services.config import RetentionSettings
from services.models import JobSpec, JobStatus, QueueState
from services.store import claims, invariants, jobs, pushes, queues, retention
from services.store.records import spec_words
from tests.store.lasting_keys import leaks
from tests.store.pair import Pair
from tests.store.process import kill
from tests.store.snapshot import expected, observed

STEPS = 60
PIECE = 2
"""So that operations in pieces need several of them."""
DAYS = RetentionSettings(finished_days=1, dead_letter_days=2)
_ON_QUEUES = ("pause", "pause", *["resume"] * 4, "redrive", "redrive", "redrive", "purge", "delete")
_ON_CLAIMED = ("delete_job", JobStatus.FAILED, *JobStatus)
_BY_HAND = ("pull", "pull", "requeue", "requeue", "finish", "delete_job", "create_job", *JobStatus)


class Divergence(AssertionError):  # noqa: N818 (it is what a test fails by)
    """Store and reference differ; its text shows the steps that led there."""


class Schedule(Pair):
    """One schedule on an empty store; the same seed gives the same steps."""

    async def run(self, steps: int = STEPS) -> None:
        """Raises Divergence."""
        try:
            await self.begin()
            deeds, weights = zip(*DEEDS, strict=True)
            for deed in self.draw.choices(deeds, weights, k=steps):
                await self.step(deed)
            await self.end()
        except AssertionError as error:
            shown = "\n".join(f"  {number:3} {line}" for number, line in enumerate(self.log))
            again = f"python -m tests.store.schedules {self.seed}"
            raise Divergence(f"seed {self.seed} fails after\n{shown}\n{error}\nagain: {again}") from error
        finally:
            await self.store.close()

    async def begin(self) -> None:
        """An empty store with one queue, and some jobs in it."""
        await self.prepare()
        await self.store.command("FLUSHALL")
        await self.create_queue()
        await self._push(1, [(0, 1), (0, 2), (5, 1), (9, 3), (0, 1), (5, 2)])

    async def step(self, deed: "Deed") -> None:
        """Do one thing to both, and compare what they look like then."""
        await deed(self)
        assert await observed(self.store) == expected(self.reference)

    async def end(self) -> None:
        """Nothing is broken, and nothing is left of pushes that came to nothing."""
        self.reference.now += pushes.SILENCE_SECONDS
        await self._tidy()
        assert await invariants.violations(self.store) == []
        assert await leaks(self.store) == []

    async def create_queue(self) -> None:
        most = self.draw.randint(1, 3)
        if len(self.reference.queues) < 3:
            created = queues.create(self.store, "", most)
            await self.both(f"create queue ({most} attempts)", created, lambda: self.reference.create_queue(most))

    async def _push(self, queue: int, asked: list[tuple[int, int]]) -> None:
        async def pushed() -> list[int]:
            return list(await queues.enqueue(self.store, queue, "bob", [_spec(*job) for job in asked]))

        await self.both(f"push {asked} into {queue}", pushed(), lambda: self.reference.enqueue(queue, asked))

    async def push(self) -> None:
        await self._push(self.a_queue(), self.new_jobs())

    async def begin_push(self) -> None:
        """Write jobs that nobody sees; the push before it, if any, is never committed."""
        queue, asked = self.a_queue(), self.new_jobs()

        async def begun() -> int:
            first = int(await self.store.call("begin_push", queue, "bob", len(asked)))
            for written, job in enumerate(asked):
                await self.store.call("extend_push", first, written, *spec_words(_spec(*job)))
            return first

        what = f"begin to push {asked} into {queue}"
        self.pushed = await self.both(what, begun(), lambda: self.reference.begin_push(queue, asked)) or self.pushed

    async def commit_push(self) -> None:
        """Also one that was given up, or is committed already."""
        if (first := self.pushed) is not None:

            async def committed() -> None:
                await self.store.call("commit_push", first)

            await self.both(f"commit push {first}", committed(), lambda: self.reference.commit_push(first))

    async def claim(self) -> None:
        """Mostly for a second, because most of what can go wrong begins so; now and then asleep between its pieces."""
        nap = self.draw.choice([0, 0, 0, 0.5, 1, 10])
        await self._claim(self.a_queue(), self.draw.randint(1, 5), self.draw.choice([1, 1, 10]), nap)

    async def _claim(self, queue: int, most: int, lease: float, nap: float = 0) -> None:
        times, there = count(self.reference.now, nap), self.reference

        async def claimed() -> tuple[int, list[int]]:
            self.store.clock = lambda: next(times)
            claim = await claims.claim(self.store, queue, most, lease)
            if claim.jobs:
                self.claims.append(claim)
            return claim.lease, [job.id for job in claim.jobs]

        what = f"claim {most} of {queue} for {lease} s, {nap} s between pieces"
        await self.both(what, claimed(), lambda: there.claim(queue, most, lease, PIECE, nap))
        self.store.clock = lambda: there.now

    async def renew(self) -> None:
        if self.claims:
            (held, ids), lease = self.held(), self.draw.choice([1, 10])
            what = f"renew lease {held.lease} of {ids} for {lease} s"
            renewed = claims.renew(self.store, held, lease)
            await self.both(what, renewed, lambda: self.reference.renew(held.lease, ids, lease))

    async def complete(self) -> None:
        """By a claimer that holds its jobs or, after time, cancellation or deletion, only believes so."""
        if self.claims:
            held, ids = self.held()
            fine = {i: self.draw.random() < 0.6 for i in ids[: self.draw.randint(1, 5)]}
            results = {i: b"%d of %d" % (i, held.lease) if well else None for i, well in fine.items()}
            words = [claims.Outcome(i, 1, packed or b"", "" if packed else "no") for i, packed in results.items()]
            completed, there = claims.complete(self.store, held, words), self.reference
            what = f"complete {results} under lease {held.lease}"
            await self.both(what, completed, lambda: there.complete(held.queue, held.lease, results))

    async def release(self) -> None:
        """Now and then with each job named twice."""
        if self.claims:
            held, _ = self.held()
            times = self.draw.choice([1, 1, 2])
            held = replace(held, jobs=tuple(job for job in held.jobs for _ in range(times)))
            ids = [job.id for job in held.jobs]
            released = claims.release(self.store, held, "stopped")
            what = f"release {ids} under lease {held.lease}"
            await self.both(what, released, lambda: self.reference.release(held.lease, ids))

    async def pass_time(self) -> None:
        self.reference.now += self.draw.choice([0.5, 1, 9, 10])

    async def outlive_leases(self) -> None:
        """So long that leases run out, and then somebody asks."""
        self.reference.now += self.draw.choice([1, 1, 10])
        await (self._do("pull", self.a_queue(), 0) if self.draw.random() < 0.3 else self._claim(self.a_queue(), 1, 10))

    async def sweep(self) -> None:
        """After a day, or less."""
        self.reference.now += self.draw.choice([1, 12 * 3600, 24 * 3600])
        await self.both("sweep", retention.sweep(self.store, DAYS), lambda: self.reference.sweep(DAYS))

    async def tidy(self) -> None:
        self.reference.now += self.draw.choice([0, 0, 59, 60])
        await self._tidy()

    async def _tidy(self) -> None:
        async def tidied() -> int:
            await queues.tidy(self.store)
            return await queues.reap(self.store)

        await self.both("tidy", tidied(), self.reference.tidy)

    async def administer(self) -> None:
        """Pause, resume, redrive, purge or delete a queue."""
        queue, there, store = self.a_queue(), self.reference, self.store
        deeds: dict[str, tuple[Callable[[], Awaitable[Any]], Callable[[], Any]]] = {
            "pause": (lambda: queues.set_state(store, queue, QueueState.PAUSED), lambda: there.pause(queue)),
            "resume": (lambda: queues.set_state(store, queue, QueueState.OPEN), lambda: there.resume(queue)),
            "redrive": (lambda: queues.redrive(store, queue), lambda: there.redrive(queue)),
            "purge": (lambda: queues.purge(store, queue), lambda: there.purge(queue)),
            "delete": (lambda: queues.delete(store, queue), lambda: there.delete_queue(queue)),
        }
        deed = self.draw.choice(_ON_QUEUES)
        real, reference = deeds[deed]
        await self.both(f"{deed} queue {queue}", real(), reference)

    async def interfere(self) -> None:
        """With a job that was claimed, and mostly still is."""
        if self.claims:
            _, ids = self.held()
            await self._do(self.draw.choice(_ON_CLAIMED), self.a_queue(), self.draw.choice(ids))

    async def do_by_hand(self) -> None:
        deed, there = self.draw.choice(_BY_HAND), self.reference.jobs
        loose = [i for i, job in there.items() if job.queue is None and job.status in ("in progress", "failed")]
        chosen = loose and deed in ("requeue", "finish") and self.draw.random() < 0.7
        await self._do(deed, self.a_queue(), self.draw.choice(loose) if chosen else self.a_job())

    async def _do(self, deed: str, queue: int, job: int) -> None:
        there, store = self.reference, self.store

        async def pulled() -> int:
            return (await queues.pull(store, queue)).id

        real: Awaitable[Any]
        reference: Callable[[], Any]
        if deed == "pull":
            real, reference = pulled(), lambda: there.pull(queue)
        elif deed == "requeue":
            real, reference = queues.requeue(store, queue, [job]), lambda: there.requeue(queue, [job])
        elif deed == "finish":
            real, reference = jobs.finish(store, job, b"by hand"), lambda: there.finish(job, b"by hand")
        elif deed == "delete_job":
            real, reference = jobs.delete(store, [job]), lambda: there.delete_job(job)
        elif deed == "create_job":
            real, reference = jobs.create(store, "bob", _spec(5, 2)), lambda: there.create_job(5, 2)
        else:
            status = JobStatus(deed)
            real, reference = jobs.set_status(store, [job], status, deed), lambda: there.set_status(job, status)
        await self.both(f"{deed} by hand (job {job}, queue {queue})", real, reference)

    async def restart(self) -> None:
        """Kill the store and start it again: nothing that it answered is lost."""
        self.log.append("the store is killed and started again")
        await self.store.close()
        kill(self.server)
        self.server.start()
        self.store = self.connected()
        await self.prepare()


Deed = Callable[[Schedule], Awaitable[None]]
DEEDS: list[tuple[Deed, float]] = [
    (Schedule.push, 2.5),
    (Schedule.begin_push, 1),
    (Schedule.commit_push, 1.5),
    (Schedule.claim, 5),
    (Schedule.renew, 2),
    (Schedule.complete, 4),
    (Schedule.release, 1.5),
    (Schedule.pass_time, 2),
    (Schedule.outlive_leases, 2),
    (Schedule.interfere, 2),
    (Schedule.do_by_hand, 2.5),
    (Schedule.administer, 3),
    (Schedule.create_queue, 0.4),
    (Schedule.tidy, 1),
    (Schedule.sweep, 0.3),
    (Schedule.restart, 0.08),
]
"""What may happen, and how often."""


def _spec(priority: int, assets: int) -> JobSpec:
    return JobSpec("market", tuple(range(assets)), "ols", 10, priority)
