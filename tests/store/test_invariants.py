"""The check of the invariants sees each kind of damage, and nothing wrong while others work."""

import asyncio

import pytest

from services.models import JobStatus, RunState
from services.store import claims, invariants, jobs, keys, queues, runs
from services.store.connection import Store
from services.store.wire import Argument
from tests.store.samples import complete, fail, push, take

pytestmark = pytest.mark.anyio
ROUNDS = 12

DAMAGE: dict[str, tuple[Argument, ...]] = {
    "job 1 (queued) of queue 1 is in [], expected ['ready']": ("ZREM", keys.ready(1), 1),
    "job 1 (queued) of queue 1 is in ['ready', 'dead'], expected ['ready']": ("ZADD", keys.dead(1), 1, 1),
    "job 2 (in progress) of queue 1 is in [], expected ['leased']": ("ZREM", keys.leased(1), 2),
    "job 2 (in progress) of queue 1 has no lease": ("HSET", keys.job(2), "lease", ""),
    "job 1 (queued) of queue 1 has a lease": ("HSET", keys.job(1), "lease", 7),
    "job 3 (failed) of queue 1 is in [], expected ['dead']": ("ZREM", keys.dead(1), 3),
    "job 4 (done) of queue 1 is in ['ready'], expected no place": ("ZADD", keys.ready(1), 1, 4),
    "job 5 (queued) of queue none is in [], expected no place": ("HSET", keys.job(5), "status", "queued"),
    "job 1 is listed and has no record": ("DEL", keys.job(1)),
    "job 1 is ready in queue 1 and does not exist": ("ZREM", keys.JOBS, 1),
    "job 2 is leased in queue 1 and does not exist": ("DEL", keys.job(2)),
    "job 3 is dead in queue 1 and does not exist": ("DEL", keys.job(3)),
    "job 2 is in progress and has a result": ("SET", keys.result(2), b"early"),
    "job 2 (in progress) of queue 1 has no place to go back to": ("HDEL", keys.job(2), "score"),
    "job 4 is done and does not stand among the finished ones": ("ZREM", keys.FINISHED_JOBS, 4),
    "job 3 is failed and stands among the finished ones": ("ZADD", keys.FINISHED_JOBS, 1, 3),
    "77 stands in foresail:finished-jobs and does not exist": ("ZADD", keys.FINISHED_JOBS, 1, 77),
    "run 1 is pending and stands among the finished ones": ("ZADD", keys.FINISHED_RUNS, 1, 1),
    "run 1 is done and does not stand among the finished ones": ("HSET", keys.run(1), "state", "done"),
    "run 1 is pending and does not stand among the active ones": ("SREM", keys.ACTIVE_RUNS, 1),
    "run 1 is done and stands among the active ones": ("HSET", keys.run(1), "state", "done"),
    "77 stands in foresail:finished-runs and does not exist": ("ZADD", keys.FINISHED_RUNS, 1, 77),
    "queue 1 counts 5 assets that wait, and its jobs have 4": ("HINCRBY", keys.queue(1), "assets", 1),
    "queue 1 is held by run 1, which is done and of queue 1": ("HSET", keys.run(1), "state", "done"),
    "queue 1 is held by run 9, which is missing and of queue none": ("HSET", keys.queue(1), "run", 9),
}


async def one_job_of_each_kind(store: Store) -> None:
    queue = await queues.create(store, "", 3)
    queued, claimed, failed, done = await push(store, queue, 4)
    assert (queued, claimed, failed, done) == (1, 2, 3, 4)
    everything, _ = await take(store, queue)
    by_id = {job.id: claims.Claim(queue, everything.lease, (job,)) for job in everything.jobs}
    await fail(store, by_id[failed])
    await complete(store, by_id[done])
    await claims.release(store, by_id[queued], "")
    await jobs.create(store, "bob", everything.jobs[0].spec)
    await runs.start(store, queue, "bob", 1, 30)


async def test_a_sound_store_has_none(store: Store) -> None:
    await one_job_of_each_kind(store)
    assert await invariants.violations(store) == []


@pytest.mark.unsound("damaged on purpose")
@pytest.mark.parametrize("sentence", DAMAGE)
async def test_each_kind_of_damage_is_told(store: Store, sentence: str) -> None:
    await one_job_of_each_kind(store)
    await store.command(*DAMAGE[sentence])
    assert sentence in await invariants.violations(store)
    assert len(await invariants.violations(store, most=1)) == 1


@pytest.mark.unsound("damaged on purpose")
async def test_a_look_at_the_newest_jobs_leaves_the_others(store: Store, queue: int) -> None:
    ids = await push(store, queue, 4)
    await store.command("DEL", keys.job(ids[0]))
    assert await invariants.violations(store, jobs=3) == []
    assert await invariants.violations(store, jobs=4) == await invariants.violations(store) != []


async def test_nothing_is_told_while_others_work(store: Store) -> None:
    """Claimers, cancellations and new jobs at full speed, and looks at it all in between; every job is done once."""
    queue = await queues.create(store, "", 1000)
    run = await runs.start(store, queue, "bob", 3, 1000)
    working = [asyncio.create_task(work(store, queue, run, each)) for each in range(3)]
    pushed: list[int] = []
    for _ in range(ROUNDS):
        pushed += await push(store, queue, 40)
        await jobs.set_status(store, pushed[-1:], JobStatus.CANCELLED, "")
        assert await invariants.violations(store) == []
    await runs.request_stop(store, run)
    completed = [job for worker in working for job in await worker]
    assert sorted(completed) == sorted(await runs.finished_jobs(store, run, 0, 10_000))
    assert len(set(completed)) == len(completed) == (await queues.get(store, queue)).completed == ROUNDS * 39
    await runs.end(store, run, RunState.DONE)


async def work(store: Store, queue: int, run: int, kind: int) -> list[int]:
    """Claim until asked to stop and nothing waits; now and then give everything back."""
    completed: list[int] = []
    turns = 0
    while True:
        claim = await claims.claim(store, queue, 7 + kind, 1000, run)
        turns += 1
        if not claim.jobs and await runs.beat(store, run) == "stop":
            return completed
        if turns % 5 == kind:
            await claims.release(store, claim, "")
        else:
            words = [claims.Outcome(job.id, 2, b"result") for job in claim.jobs]
            lost = await claims.complete(store, claim, words, run)
            completed += [job.id for job in claim.jobs if job.id not in lost]
