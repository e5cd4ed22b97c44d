"""The real store does whatever the reference does, in any order of operations, with time passing in between."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from services.config import StoreSettings
from services.errors import ForesailError
from services.models import JobSpec, JobStatus, QueueState
from services.store import claims, invariants, jobs, queues
from services.store.connection import Store
from services.store.embedded import EmbeddedStore
from tests.store.reference import Reference
from tests.store.snapshot import expected, observed

SCHEDULES = int(os.environ.get("FORESAIL_TEST_SCHEDULES", "200"))
SEED = int(os.environ.get("FORESAIL_TEST_SEED", "20240229"))
"""The same schedules every time; another seed looks elsewhere."""
PIECE = 2
"""So that operations in pieces need several of them."""

which = st.integers(0, 5)
pushes = st.lists(st.tuples(st.sampled_from([0, 0, 0, 5, 9]), st.integers(1, 3)), min_size=1, max_size=4)
seconds = st.sampled_from([1, 10])


class Queues(RuleBasedStateMachine):
    """Every operation is done to both; answers, refusals and all that can be seen afterwards must be equal."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.reference = Reference()
        self.store = Store.connect(StoreSettings(url=self.url, timeout_seconds=30))
        self.store.clock = lambda: self.reference.now
        self.claims: list[claims.Claim] = []
        self.run(self.store.command("FLUSHALL"))

    def run(self, deed: Awaitable[Any]) -> Any:
        return self.runner.get_loop().run_until_complete(deed)

    def both(self, real: Awaitable[Any], reference: Callable[[], Any]) -> Any:
        """Do it to both and compare the answers; returns it, or none where both refuse."""
        try:
            answer = self.run(real)
        except ForesailError as error:
            with pytest.raises(type(error)):
                reference()
            return None
        assert answer == reference()
        return answer

    def queue(self, number: int) -> int:
        """One of the queues that there were; deleted ones too."""
        return number % self.reference.last_queue + 1

    def job(self, number: int) -> int:
        """One of the last jobs; deleted ones too."""
        return max(1, self.reference.last_job - number)

    @initialize()
    def first(self) -> None:
        self.create_queue(2)
        self.enqueue(0, [(0, 1), (0, 2), (5, 1)])

    @rule(max_attempts=st.integers(1, 3))
    def create_queue(self, max_attempts: int) -> None:
        self.both(queues.create(self.store, "", max_attempts), lambda: self.reference.create_queue(max_attempts))

    @rule(q=which, pushed=pushes)
    def enqueue(self, q: int, pushed: list[tuple[int, int]]) -> None:
        queue, specs = self.queue(q), [_spec(*job) for job in pushed]

        async def enqueued() -> list[int]:
            return list(await queues.enqueue(self.store, queue, "bob", specs))

        self.both(enqueued(), lambda: self.reference.enqueue(queue, pushed))

    @rule(q=which, most=st.integers(1, 4), lease=seconds)
    def claim(self, q: int, most: int, lease: float) -> None:
        queue = self.queue(q)

        async def claimed() -> tuple[int, list[int]]:
            claim = await claims.claim(self.store, queue, most, lease)
            self.claims.append(claim)
            return claim.lease, [job.id for job in claim.jobs]

        self.both(claimed(), lambda: self.reference.claim(queue, most, lease))

    @rule(number=which, lease=seconds)
    def renew(self, number: int, lease: float) -> None:
        if held := self.held(number):
            ids = [job.id for job in held.jobs]
            self.both(claims.renew(self.store, held, lease), lambda: self.reference.renew(held.lease, ids, lease))

    @rule(number=which, outcomes=st.lists(st.booleans(), min_size=4, max_size=4), some=st.integers(1, 4))
    def complete(self, number: int, outcomes: list[bool], some: int) -> None:
        """By a claimer that holds its jobs or, after time, cancellation or deletion, only believes so."""
        if held := self.held(number):
            chosen = zip(held.jobs[:some], outcomes, strict=False)
            results = {job.id: b"%d of %d" % (job.id, held.lease) if fine else None for job, fine in chosen}
            words = [
                claims.Outcome(i, 1, packed or b"", "" if packed else "impossible") for i, packed in results.items()
            ]
            self.both(
                claims.complete(self.store, held, words),
                lambda: self.reference.complete(held.queue, held.lease, results),
            )

    @rule(number=which)
    def release(self, number: int) -> None:
        if held := self.held(number):
            ids = [job.id for job in held.jobs]
            self.both(claims.release(self.store, held, "stopped"), lambda: self.reference.release(held.lease, ids))

    @rule(passing=st.sampled_from([0.5, 1, 9, 10, 30]))
    def pass_time(self, passing: float) -> None:
        self.reference.now += passing

    @rule()
    def tidy(self) -> None:
        self.both(
            queues.tidy(self.store), lambda: sum(self.reference.reap(queue, PIECE) for queue in self.reference.queues)
        )

    @rule(q=which, paused=st.booleans())
    def pause_or_resume(self, q: int, paused: bool) -> None:
        queue, state = self.queue(q), QueueState.PAUSED if paused else QueueState.OPEN
        self.both(queues.set_state(self.store, queue, state), lambda: self.reference.set_state(queue, paused=paused))

    @rule(q=which)
    def pull(self, q: int) -> None:
        async def pulled() -> int:
            return (await queues.pull(self.store, self.queue(q))).id

        self.both(pulled(), lambda: self.reference.pull(self.queue(q)))

    @rule(q=which, numbers=st.lists(which, min_size=1, max_size=2, unique=True))
    def requeue(self, q: int, numbers: list[int]) -> None:
        queue, ids = self.queue(q), list(dict.fromkeys(map(self.job, numbers)))
        self.both(queues.requeue(self.store, queue, ids), lambda: self.reference.requeue(queue, ids))

    @rule(q=which)
    def purge(self, q: int) -> None:
        self.both(queues.purge(self.store, self.queue(q)), lambda: self.reference.purge(self.queue(q)))

    @rule(q=which)
    def redrive(self, q: int) -> None:
        self.both(queues.redrive(self.store, self.queue(q)), lambda: self.reference.redrive(self.queue(q)))

    @rule(q=which, sure=st.integers(0, 3))
    def delete_queue(self, q: int, sure: int) -> None:
        if sure == 0:
            self.both(queues.delete(self.store, self.queue(q)), lambda: self.reference.delete_queue(self.queue(q)))

    @rule(priority=st.integers(0, 9), assets=st.integers(1, 3))
    def create_job(self, priority: int, assets: int) -> None:
        spec = _spec(priority, assets)
        self.both(jobs.create(self.store, "bob", spec), lambda: self.reference.create_job(priority, assets))

    @rule(number=which)
    def finish(self, number: int) -> None:
        job = self.job(number)
        self.both(jobs.finish(self.store, job, b"finished"), lambda: self.reference.finish(job, b"finished"))

    @rule(number=which, status=st.sampled_from(JobStatus))
    def set_status(self, number: int, status: JobStatus) -> None:
        job = self.job(number)
        self.both(jobs.set_status(self.store, [job], status, "by hand"), lambda: self.reference.set_status(job, status))

    @rule(number=which)
    def delete_job(self, number: int) -> None:
        job = self.job(number)
        self.both(jobs.delete(self.store, [job]), lambda: self.reference.delete_job(job))

    @invariant()
    def agree(self) -> None:
        assert self.run(observed(self.store)) == expected(self.reference)

    def held(self, number: int) -> claims.Claim | None:
        """One of the last claims, however old."""
        return self.claims[-1 - number % len(self.claims)] if self.claims else None

    def teardown(self) -> None:
        try:
            assert self.run(invariants.violations(self.store)) == []
        finally:
            self.run(self.store.close())
            self.runner.close()


def _spec(priority: int, assets: int) -> JobSpec:
    return JobSpec("market", tuple(range(assets)), "ols", 10, priority)


@pytest.mark.timeout(300)
def test_the_store_agrees_with_the_reference(store_server: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "_PIECE", PIECE)
    monkeypatch.setattr(Queues, "url", store_server.url)
    run_state_machine_as_test(
        seed(SEED)(Queues),
        settings=settings(
            max_examples=SCHEDULES,
            stateful_step_count=30,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
