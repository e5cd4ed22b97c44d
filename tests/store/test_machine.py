"""The real store does whatever the reference does, in any order of operations, with time passing in between."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.config import StoreSettings
from services.errors import ForesailError
from services.models import JobSpec, JobStatus, QueueState
from services.store import claims, invariants, jobs, queues
from services.store.connection import Store
from services.store.embedded import EmbeddedStore
from tests.store.reference import Reference
from tests.store.snapshot import expected, observed

SCHEDULES = int(os.environ.get("FORESAIL_TEST_SCHEDULES", "150"))
SEED = int(os.environ.get("FORESAIL_TEST_SEED", "20240229"))
"""The same schedules every time; another seed looks elsewhere."""
PIECE = 2
"""So that operations in pieces need several of them."""

ANY = 9
"""The number that stands for something that may be gone; the others stand for what there is."""

some_queue = st.sampled_from([0, 0, 0, 1, 2, ANY])
some_job = st.integers(0, ANY)
some_claim = st.sampled_from([0, 0, 0, 1, 1, 2, 3])
"""The last one, mostly; old ones have mostly lost their leases."""
pushes = st.lists(st.tuples(st.sampled_from([0, 0, 0, 5, 9]), st.integers(1, 3)), min_size=1, max_size=4)
seconds = st.sampled_from([1, 10])
on_queues = st.sampled_from(
    ["pause", "pause", "pause", "resume", "tidy", "redrive", "redrive", "purge", "remove", "create"]
)
by_hand = st.sampled_from(["pull", "requeue", "finish", "delete_job", "create_job", *JobStatus])


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
        there = list(self.reference.queues)
        return there[number % len(there)] if there and number != ANY else max(1, self.reference.last_queue - 1)

    def job(self, number: int) -> int:
        there = list(self.reference.jobs)[::-1]
        return there[number % len(there)] if there and number != ANY else max(1, self.reference.last_job - 5)

    @initialize(max_attempts=st.integers(1, 3))
    def first(self, max_attempts: int) -> None:
        self.both(queues.create(self.store, "", max_attempts), lambda: self.reference.create_queue(max_attempts))
        self.enqueue(0, [(0, 1), (0, 2), (5, 1), (9, 3), (0, 1), (5, 2)])

    @rule(q=some_queue, pushed=pushes)
    def enqueue(self, q: int, pushed: list[tuple[int, int]]) -> None:
        queue, specs = self.queue(q), [_spec(*job) for job in pushed]

        async def enqueued() -> list[int]:
            return list(await queues.enqueue(self.store, queue, "bob", specs))

        self.both(enqueued(), lambda: self.reference.enqueue(queue, pushed))

    @rule(most=st.integers(1, 4))
    def claim_briefly(self, most: int) -> None:
        """Once more than the rest, because most of what can go wrong begins so."""
        self.claim(0, most, 1)

    @rule(q=some_queue, most=st.integers(1, 4), lease=seconds)
    def claim(self, q: int, most: int, lease: float) -> None:
        queue = self.queue(q)

        async def claimed() -> tuple[int, list[int]]:
            claim = await claims.claim(self.store, queue, most, lease)
            if claim.jobs:
                self.claims.append(claim)
            return claim.lease, [job.id for job in claim.jobs]

        self.both(claimed(), lambda: self.reference.claim(queue, most, lease))

    @precondition(lambda self: self.claims)
    @rule(number=some_claim, lease=seconds)
    def renew(self, number: int, lease: float) -> None:
        held, ids = self.held(number)
        self.both(claims.renew(self.store, held, lease), lambda: self.reference.renew(held.lease, ids, lease))

    @precondition(lambda self: self.claims)
    @rule(number=some_claim, fine=st.lists(st.booleans(), min_size=4, max_size=4), most=st.integers(1, 4))
    def complete(self, number: int, fine: list[bool], most: int) -> None:
        """By a claimer that holds its jobs or, after time, cancellation or deletion, only believes so."""
        held, ids = self.held(number)
        results = {
            i: b"%d of %d" % (i, held.lease) if well else None for i, well in zip(ids[:most], fine, strict=False)
        }
        words = [claims.Outcome(i, 1, packed or b"", "" if packed else "impossible") for i, packed in results.items()]
        self.both(
            claims.complete(self.store, held, words),
            lambda: self.reference.complete(held.queue, held.lease, results),
        )

    @precondition(lambda self: self.claims)
    @rule(well=st.booleans())
    def complete_the_last(self, well: bool) -> None:
        self.complete(0, [well] * 4, 4)

    @precondition(lambda self: self.claims)
    @rule(number=some_claim)
    def release(self, number: int) -> None:
        held, ids = self.held(number)
        self.both(claims.release(self.store, held, "stopped"), lambda: self.reference.release(held.lease, ids))

    @rule(passing=st.sampled_from([0.5, 1, 9, 10]))
    def pass_time(self, passing: float) -> None:
        self.reference.now += passing

    @precondition(lambda self: self.claims)
    @rule(passing=st.sampled_from([1, 10]), q=some_queue)
    def outlive_the_leases(self, passing: float, q: int) -> None:
        self.reference.now += passing
        self.claim(q, 1, 10)

    @rule(deed=on_queues, q=some_queue)
    def administer(self, deed: str, q: int) -> None:
        queue, there = self.queue(q), self.reference
        if deed == "pause":
            paused = queues.set_state(self.store, queue, QueueState.PAUSED)
            self.both(paused, lambda: there.set_state(queue, paused=True))
        elif deed == "resume":
            resumed = queues.set_state(self.store, queue, QueueState.OPEN)
            self.both(resumed, lambda: there.set_state(queue, paused=False))
        elif deed == "tidy":
            self.both(queues.tidy(self.store), lambda: sum([there.reap(each, PIECE) for each in there.queues]))
        elif deed == "redrive":
            self.both(queues.redrive(self.store, queue), lambda: there.redrive(queue))
        elif deed == "purge":
            self.both(queues.purge(self.store, queue), lambda: there.purge(queue))
        elif deed == "remove":
            self.both(queues.delete(self.store, queue), lambda: there.delete_queue(queue))
        elif deed == "create" and len(there.queues) < 3:
            self.both(queues.create(self.store, "", 2), lambda: there.create_queue(2))

    @precondition(lambda self: self.claims)
    @rule(deed=st.sampled_from(["delete_job", *JobStatus]), number=st.integers(0, 3))
    def interfere(self, deed: str, number: int) -> None:
        """With a job that was claimed, and mostly still is."""
        _, ids = self.held(0)
        self.do(deed, self.queue(0), ids[number % len(ids)])

    @rule(deed=by_hand, q=some_queue, number=some_job)
    def do_by_hand(self, deed: str, q: int, number: int) -> None:
        self.do(deed, self.queue(q), self.job(number))

    def do(self, deed: str, queue: int, job: int) -> None:
        there = self.reference

        async def pulled() -> int:
            return (await queues.pull(self.store, queue)).id

        if deed == "pull":
            self.both(pulled(), lambda: there.pull(queue))
        elif deed == "requeue":
            self.both(queues.requeue(self.store, queue, [job]), lambda: there.requeue(queue, [job]))
        elif deed == "finish":
            self.both(jobs.finish(self.store, job, b"finished"), lambda: there.finish(job, b"finished"))
        elif deed == "delete_job":
            self.both(jobs.delete(self.store, [job]), lambda: there.delete_job(job))
        elif deed == "create_job":
            self.both(jobs.create(self.store, "bob", _spec(5, 2)), lambda: there.create_job(5, 2))
        else:
            status = JobStatus(deed)
            self.both(jobs.set_status(self.store, [job], status, deed), lambda: there.set_status(job, status))

    @invariant()
    def agree(self) -> None:
        assert self.run(observed(self.store)) == expected(self.reference)

    def held(self, number: int) -> tuple[claims.Claim, list[int]]:
        """One of the last claims, however old, and its jobs."""
        claim = self.claims[-1 - number % len(self.claims)]
        return claim, [job.id for job in claim.jobs]

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
            stateful_step_count=40,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
