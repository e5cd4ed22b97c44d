"""A push of many jobs is there all at once or not at all, and no script works on more of them than a piece."""

from typing import Any

import pytest

from services.errors import NotFoundError, UnavailableError
from services.models import JobStatus
from services.store import claims, dump, invariants, jobs, keys, pushes, queues
from services.store.connection import Store
from tests.store.conftest import Clock
from tests.store.samples import push, spec, take, waiting

pytestmark = pytest.mark.anyio
WORDS = ("market", "0,1", 2, "ols", 10, 0)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushes, "PIECE", 2)
    monkeypatch.setattr(claims, "PIECE", 2)


@pytest.fixture
def calls(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every script that is called, and with how many words."""
    seen: list[tuple[str, int]] = []
    call = store.call

    async def noted(name: str, *words: Any) -> Any:
        seen.append((name, len(words)))
        return await call(name, *words)

    monkeypatch.setattr(store, "call", noted)
    return seen


async def half_pushed(store: Store, queue: int) -> int:
    """Two jobs of three are written, and their pusher dies."""
    first = int(await store.call("begin_push", queue, "bob", 3))
    await store.call("extend_push", first, 0, *WORDS, *WORDS)
    return first


async def test_many_jobs_keep_their_order_and_priorities(store: Store, queue: int) -> None:
    asked = [spec(priority, assets) for priority, assets in ((0, 1), (9, 2), (0, 3), (5, 1), (9, 1))]
    ids = list(await queues.enqueue(store, queue, "bob", asked))
    assert await waiting(store, queue) == [ids[n] for n in (1, 4, 3, 0, 2)]
    assert [job.spec for job in await jobs.get_many(store, ids)] == asked
    assert (await queues.get(store, queue)).enqueued == 5
    assert await push(store, queue, 3) == [ids[-1] + n for n in (1, 2, 3)]


async def test_no_script_writes_or_takes_more_than_a_piece(
    store: Store, queue: int, calls: list[tuple[str, int]]
) -> None:
    await push(store, queue, 5)
    piece = ("extend_push", 2 + 2 * len(WORDS))
    assert calls == [("begin_push", 3), piece, piece, ("extend_push", 2 + len(WORDS)), ("commit_push", 1)]
    calls.clear()
    claim, _ = await take(store, queue, 5)
    assert await claims.renew(store, claim, 30) == frozenset()
    outcomes = [claims.Outcome(job.id, 2, b"result") for job in claim.jobs[:3]]
    assert await claims.complete(store, claim, outcomes) == frozenset()
    assert await claims.release(store, claim, "") == 2
    counted = {"claim": 3, "renew": 3, "complete": 2, "release": 3}
    assert [name for name, _ in calls] == [name for name, count in counted.items() for _ in range(count)]


async def test_large_results_are_stored_few_at_a_time(
    store: Store, queue: int, calls: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "MOST_BYTES", 10)
    await push(store, queue, 2)
    claim, ids = await take(store, queue)
    calls.clear()
    outcomes = [claims.Outcome(job_id, 2, b"x" * 11) for job_id in ids]
    assert await claims.complete(store, claim, outcomes) == frozenset()
    assert [name for name, _ in calls] == ["complete"] * 2


async def test_pieces_of_a_claim_are_under_one_lease_in_order(store: Store, queue: int) -> None:
    ids = await push(store, queue, 5)
    first, taken = await take(store, queue, 5)
    assert taken == ids
    assert (await take(store, queue, 5))[1] == []
    await claims.release(store, first, "")
    assert (await take(store, queue, 5))[0].lease == first.lease + 1


async def test_half_a_push_is_nowhere(store: Store, queue: int, clock: Clock) -> None:
    first = await half_pushed(store, queue)
    assert (await waiting(store, queue), await jobs.count(store), await jobs.page(store, "", None, 9)) == ([], 0, [])
    assert await jobs.get_many(store, [first]) == []
    for deed in (
        jobs.set_status(store, [first], JobStatus.CANCELLED, ""),
        jobs.delete(store, [first]),
        jobs.finish(store, first, b"result"),
        queues.requeue(store, queue, [first]),
    ):
        with pytest.raises(NotFoundError, match=f"there is no job {first}"):
            await deed
    clock.wait(pushes.SILENCE_SECONDS)
    await queues.tidy(store)
    assert await store.command("EXISTS", keys.job(first), keys.PUSHES, keys.PUSHED) == 0


async def test_lists_pass_over_half_a_push(store: Store, queue: int, clock: Clock) -> None:
    older = await push(store, queue, 3)
    await half_pushed(store, queue)
    newer = await push(store, queue, 2)
    newest_first = sorted([*older, *newer], reverse=True)
    for owner in (jobs.ANYBODY, "bob"):
        assert [job.id for job in await jobs.page(store, owner, None, 4)] == newest_first[:4]
        assert [job.id for job in await jobs.page(store, owner, newest_first[3], 4)] == newest_first[4:]
        assert await jobs.count(store, owner) == 5
    assert [job_id for job_id, _ in await dump.jobs(store, 0)] == sorted(newest_first)
    assert await invariants.violations(store) == []
    clock.wait(pushes.SILENCE_SECONDS)
    await queues.tidy(store)


async def test_what_is_committed_first_is_claimed_first(store: Store, queue: int) -> None:
    first = await half_pushed(store, queue)
    later = await push(store, queue, 3)
    await store.call("extend_push", first, 2, *WORDS)
    await store.call("commit_push", first)
    assert await waiting(store, queue) == [*later, first, first + 1, first + 2]


async def test_a_push_is_not_given_up_while_it_goes_on(store: Store, queue: int, clock: Clock) -> None:
    first = await half_pushed(store, queue)
    clock.wait(pushes.SILENCE_SECONDS - 1)
    await store.call("extend_push", first, 2, *WORDS)
    clock.wait(1)
    await queues.tidy(store)
    await store.call("commit_push", first)
    assert await waiting(store, queue) == [first, first + 1, first + 2]


@pytest.mark.parametrize("whole", [False, True])
async def test_a_push_that_was_given_up_cannot_be_committed(
    store: Store, queue: int, clock: Clock, *, whole: bool
) -> None:
    """Also not in the middle of its removal."""
    first = await half_pushed(store, queue)
    clock.wait(pushes.SILENCE_SECONDS)
    await (pushes.tidy(store) if whole else store.call("drop_push", pushes.SILENCE_SECONDS, 1))
    for late in (store.call("extend_push", first, 2, *WORDS), store.call("commit_push", first)):
        with pytest.raises(UnavailableError, match="the push took too long; push again"):
            await late
    await pushes.tidy(store)
    assert await jobs.count(store) == 0


async def test_a_piece_out_of_its_turn_is_refused(store: Store, queue: int) -> None:
    """Else its jobs would get each other's requests."""
    first = await half_pushed(store, queue)
    for wrong in (0, 1, 4):
        with pytest.raises(UnavailableError, match="a piece of the push came out of its turn; push again"):
            await store.call("extend_push", first, wrong, *WORDS)
    await store.call("extend_push", first, 2, *WORDS)
    await store.call("commit_push", first)
    assert await waiting(store, queue) == [first, first + 1, first + 2]


async def test_the_first_piece_is_written_alone(store: Store, queue: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that does not know the script yet is asked for it twice: the second piece would come before it."""
    seen: list[tuple[str, int]] = []
    call = store.call

    async def noted(name: str, *words: Any) -> Any:
        seen.append((name, words[1]) if name == "extend_push" else (name, -1))
        answer = await call(name, *words)
        seen.append(("end of " + name, words[1]) if name == "extend_push" else (name, -1))
        return answer

    monkeypatch.setattr(store, "call", noted)
    await store.command("SCRIPT", "FLUSH")
    asked = [spec(assets=assets) for assets in (1, 2, 3, 4, 5)]
    ids = await queues.enqueue(store, queue, "bob", asked)
    pieces = [event for event in seen if event[1] >= 0]
    assert pieces[:2] == [("extend_push", 0), ("end of extend_push", 0)]
    assert pieces[2:4] == [("extend_push", 2), ("extend_push", 4)]
    assert [job.spec for job in await jobs.get_many(store, ids)] == asked


async def test_an_unfinished_push_cannot_be_committed(store: Store, queue: int, clock: Clock) -> None:
    first = await half_pushed(store, queue)
    with pytest.raises(UnavailableError):
        await store.call("commit_push", first)
    clock.wait(pushes.SILENCE_SECONDS)
    await queues.tidy(store)


async def test_a_push_into_a_queue_that_is_deleted_meanwhile_comes_to_nothing(store: Store, queue: int) -> None:
    first = await half_pushed(store, queue)
    await store.call("extend_push", first, 2, *WORDS)
    await queues.delete(store, queue)
    with pytest.raises(NotFoundError, match=f"there is no queue {queue}"):
        await store.call("commit_push", first)
    await queues.tidy(store)
    assert await jobs.count(store) == 0
