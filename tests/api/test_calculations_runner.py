"""What stands in the way of starting a run is told, and the run's record says it too."""

import asyncio
import sys
import time
from pathlib import Path

import pytest

from services.calculations import service
from services.calculations.runners.choice import choose
from services.calculations.schemas import NewRun
from services.config import QueueSettings, RunSettings, Settings
from services.errors import InvalidError, UnavailableError
from services.models import Role, Run, RunState, Subject
from services.store import queues, runs
from services.store.connection import Store
from services.web.service import Context
from tests.waiting import wait_until_async

pytestmark = pytest.mark.anyio
SUBJECT = Subject("mia", Role.MANAGER, "")


def mpiexec_is(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this shell script be the mpiexec beside Python."""
    mpiexec = folder / "mpiexec"
    mpiexec.write_text(f"#!/bin/sh\n{script}", "utf-8")
    mpiexec.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))


async def test_without_mpiexec_the_run_fails_and_frees_its_queue(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    context = Context(store, Settings())
    queue = await queues.create(store, "", 3)
    with pytest.raises(UnavailableError, match="there is no mpiexec beside"):
        await service.start(context, choose(context), SUBJECT, NewRun(queue=queue, processes=None))
    (run,) = await runs.page(store, None, 10)
    assert (run.state, (await queues.get(store, queue)).run) == (RunState.FAILED, None)
    assert "there is no mpiexec" in run.reason


async def test_a_program_that_cannot_run_leaves_its_last_words_in_the_record(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mpiexec_is("echo no slots left >&2\nexit 7\n", tmp_path, monkeypatch)
    context = Context(store, Settings())
    queue = await queues.create(store, "", 3)
    async with service.runner(context) as runner:
        run = await service.start(context, runner, SUBJECT, NewRun(queue=queue, processes=None))
        told = [event async for event in service.events(store, run)]
    ended = await runs.get(store, run.id)
    assert (ended.state, ended.reason) == (RunState.FAILED, "its program ended with 7: no slots left")
    assert "event: end" in told[-1]


@pytest.mark.parametrize(("code", "state"), [(0, RunState.DONE), (3, RunState.STOPPED)])
async def test_a_program_that_could_not_write_down_its_end_is_judged_by_its_exit_code(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, state: RunState
) -> None:
    mpiexec_is(f"echo so it ended >&2\nexit {code}\n", tmp_path, monkeypatch)
    context = Context(store, Settings())
    queue = await queues.create(store, "", 3)
    async with service.runner(context) as runner:
        run = await service.start(context, runner, SUBJECT, NewRun(queue=queue, processes=None))
        assert [event async for event in service.events(store, run)]
    ended = await runs.get(store, run.id)
    assert (ended.state, ended.reason) == (state, f"its program ended with {code}: so it ended")


async def test_a_run_that_ends_with_its_service_is_stopped_and_has_seen_no_secret(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    mpiexec_is(f"env > {seen}.part\nmv {seen}.part {seen}\nexec sleep 600\n", tmp_path, monkeypatch)
    monkeypatch.setenv("FORESAIL_AUTH_FIRST_PASSWORD", "a password of the test")
    context = Context(store, Settings())
    queue = await queues.create(store, "", 3)
    async with service.runner(context) as runner:
        run = await service.start(context, runner, SUBJECT, NewRun(queue=queue, processes=None))
        async with asyncio.timeout(60):
            while not seen.exists():  # noqa: ASYNC110 - another process makes it
                await asyncio.sleep(0.02)
    ended = await runs.get(store, run.id)
    assert (ended.state, ended.reason) == (
        RunState.STOPPED,
        "the service was stopped; its jobs go back to the queue",
    )
    environment = seen.read_text("utf-8")
    assert "FORESAIL_STORE_URL=" in environment
    assert "FORESAIL_AUTH_" not in environment


async def test_a_run_whose_program_needs_long_to_start_is_not_taken_for_a_silent_one(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mpiexec_is("exec sleep 600\n", tmp_path, monkeypatch)
    context = Context(store, Settings(queue=QueueSettings(lease_seconds=0.4)))
    queue = await queues.create(store, "", 3)
    async with service.runner(context) as runner:
        run = await service.start(context, runner, SUBJECT, NewRun(queue=queue, processes=None))

        async def outlived() -> bool:
            now = await runs.get(store, run.id)
            assert now.state is RunState.PENDING, now.reason
            return (now.heartbeat or 0) > now.created + 2

        await wait_until_async(outlived, "five times the lease")
        assert (await runs.get(store, run.id)).reason == "its ranks are starting"


async def test_a_run_whose_service_and_program_died_together_is_ended(store: Store) -> None:
    queue = await queues.create(store, "", 3)
    pending = await runs.start(store, queue, "mia", 2, 30)
    other = await queues.create(store, "", 3)
    running = await runs.start(store, other, "mia", 2, 30)
    await runs.begin(store, running, ["one"], "program")
    async with service.runner(Context(store, Settings(queue=QueueSettings(lease_seconds=1)))), asyncio.timeout(60):
        while await runs.active(store):  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0.02)
    for lost in (pending, running):
        found = await runs.get(store, lost)
        assert (found.state, found.reason) == (
            RunState.FAILED,
            "it went silent; its leases bring its jobs back",
        )
    assert (await queues.get(store, queue)).run is None


async def test_an_outage_of_the_store_ends_no_living_run(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    lease, real, looks, outage = 1.0, runs.active, list[tuple[float, list[Run]]](), list[float]()

    async def active(of: Store) -> list[Run]:
        """After the first look the store is away for more than a lease."""
        if len(looks) == 1 and (not outage or outage[-1] < looks[0][0] + 2 * lease):
            outage.append(time.monotonic())
            raise UnavailableError("the store does not answer")
        looks.append((time.monotonic(), found := await real(of)))
        return found

    async def looked_again() -> bool:
        return len(looks) > 2

    run = await runs.start(store, await queues.create(store, "", 3), "mia", 2, 30)
    await runs.begin(store, run, ["one"], "program")
    monkeypatch.setattr(runs, "active", active)
    async with service.runner(Context(store, Settings(queue=QueueSettings(lease_seconds=lease)))):
        await wait_until_async(looked_again, "the store is back and was asked twice")
    assert [found.id for found in looks[2][1]] == [run]


async def test_mpijobs_without_the_charts_manifest_are_refused(store: Store) -> None:
    with pytest.raises(InvalidError, match=r"\[mpijob\] template: .* holds no MPIJob"):
        choose(Context(store, Settings(run=RunSettings(runner="mpijob"))))


async def test_watching_ends_where_the_store_was_emptied(store: Store) -> None:
    run = await runs.get(store, await runs.start(store, await queues.create(store, "", 3), "mia", 2, 30))
    watching = service.events(store, run)
    assert (await anext(watching)).startswith("event: progress")
    await store.command("FLUSHDB")
    assert [event async for event in watching] == []
