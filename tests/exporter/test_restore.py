"""A restore gives back all that was exported, to the bit, and mixes with nothing."""

import asyncio
import json
import re
import signal
from pathlib import Path

import pytest

from services.errors import ConflictError
from services.exporter import snapshot
from services.exporter.records import fields_of
from services.exporter.restoring import restore_files
from services.models import JobStatus, RunState
from services.store import claims, datasets, invariants, jobs, keys, queues, restorer, runs
from services.store.claims import Outcome
from services.store.connection import Store
from services.store.embedded import EmbeddedStore
from services.store.restore import Restore
from tests.exporter import content, process
from tests.store.process import embedded
from tests.store.soundness import connected, flush
from tests.waiting import wait_until_async

pytestmark = pytest.mark.anyio


async def exported(store: Store, folder: Path) -> dict[str, object]:
    """Everything in the store, which is exported and then empty."""
    before = await content.everything(store)
    await snapshot.write(store, folder)
    await store.command("FLUSHALL")
    return before


def test_processes_export_and_restore_everything_to_the_bit(store_server: EmbeddedStore, tmp_path: Path) -> None:
    async def at_store(*, filling: bool) -> dict[str, object]:
        async with connected(store_server.url) as store:
            if filling:
                await content.fill(store)
            return await content.everything(store)

    before = asyncio.run(at_store(filling=True))
    process.export(store_server.url, tmp_path)
    files = process.contents(tmp_path)
    asyncio.run(flush(store_server.url))
    done = process.run(store_server.url, tmp_path, "restore")
    assert done.returncode == 0, done.stderr
    after = asyncio.run(at_store(filling=False))
    leases = int(str(before.pop(keys.LEASE_SEQUENCE), "ascii"))  # type: ignore[call-overload]
    assert int(str(after.pop(keys.LEASE_SEQUENCE), "ascii")) > leases  # type: ignore[call-overload]
    assert after == before
    process.export(store_server.url, tmp_path)
    again = process.contents(tmp_path)
    assert {name for name in files if files[name] != again[name]} == {"queues.json"}  # the lease ids go on


@pytest.mark.usefixtures("filled")
def test_the_embedded_store_is_restored_while_nobody_runs_it(store_server: EmbeddedStore, tmp_path: Path) -> None:
    files = process.export_here(store_server.url, tmp_path / "export")
    with embedded(tmp_path / "s"):
        held = process.run("", tmp_path / "export", "restore")
    assert (held.returncode, held.stderr.count("\n")) == (1, 1)
    assert "another Foresail uses the folder" in held.stderr
    done = process.run("", tmp_path / "export", "restore")
    assert done.returncode == 0, done.stderr
    with embedded(tmp_path / "s") as restored:
        again = process.export_here(restored.url, tmp_path / "export")
    assert {name for name in files if files[name] != again[name]} == {"queues.json"}


async def test_a_claimed_job_waits_again_in_its_place_and_the_old_lease_is_void(store: Store, tmp_path: Path) -> None:
    index = await queues.create(store, "", 3)
    ids = list(await queues.enqueue(store, index, "bob", [content.SPEC] * 3))
    run = await runs.start(store, index, "bob", 2, 30)
    await runs.begin(store, run, ["here"], "program")
    held = await claims.claim(store, index, 2, 30, run)
    await exported(store, tmp_path)
    await restore_files(store, tmp_path)
    assert [job.id for _, job in await queues.waiting(store, index, None, 10)] == ids
    first = await jobs.get(store, ids[0])
    assert (first.status, first.attempts) == (JobStatus.QUEUED, 0)
    assert "restored" in first.reason
    outcomes = [Outcome(job.id, 3, content.packed(job.spec)) for job in held.jobs]
    assert await claims.complete(store, held, outcomes, run) == frozenset(ids[:2])
    assert (await claims.claim(store, index, 1, 30)).lease > held.lease
    assert (await runs.get(store, run)).state == RunState.FAILED
    assert (await runs.totals(store))[RunState.FAILED][0] == 1
    assert await runs.start(store, index, "bob", 2, 30) == run + 1


async def test_a_lease_that_was_given_after_the_export_holds_nothing(store: Store, tmp_path: Path) -> None:
    index = await queues.create(store, "", 3)
    ids = await queues.enqueue(store, index, "bob", [content.SPEC] * 2)
    await snapshot.write(store, tmp_path)
    _, held = [await claims.claim(store, index, 1, 30) for _ in ids]
    await store.command("FLUSHALL")
    await restore_files(store, tmp_path)
    assert (await claims.claim(store, index, 2, 30)).lease > held.lease
    outcome = Outcome(held.jobs[0].id, 3, content.packed(content.SPEC))
    assert await claims.complete(store, held, [outcome]) == {held.jobs[0].id}


async def test_what_a_service_was_calculating_has_failed_and_what_a_person_took_is_still_in_progress(
    store: Store, tmp_path: Path
) -> None:
    index = await queues.create(store, "", 3)
    at_once = await jobs.create(store, "bob", content.SPEC)
    await queues.enqueue(store, index, "bob", [content.SPEC])
    taken = (await queues.pull(store, index)).id
    await exported(store, tmp_path)
    await restore_files(store, tmp_path)
    assert await invariants.violations(store) == []
    failed, held = await jobs.get_many(store, [at_once, taken])
    assert (failed.status, "submit it again" in failed.reason) == (JobStatus.FAILED, True)
    assert (held.status, held.reason) == (JobStatus.IN_PROGRESS, "")
    with pytest.raises(ConflictError, match="failed by now"):
        await jobs.finish(store, at_once, b"result")


async def test_every_number_goes_on_above_the_old_ones(store: Store, tmp_path: Path) -> None:
    index = await content.fill(store)
    await queues.delete(store, await queues.create(store, "last", 3))
    last_job = int(await store.command("GET", keys.JOB_SEQUENCE))
    deleted = await content.put(store, "deleted")
    await datasets.delete(store, "deleted", "ada")
    await exported(store, tmp_path)
    await restore_files(store, tmp_path)
    assert await queues.create(store, "", 3) == index + 2
    assert await content.put(store, "other") == deleted + 1
    assert await jobs.create(store, "ada", content.SPEC) == last_job + 1
    (pushed,) = await queues.enqueue(store, index, "ada", [content.SPEC])
    assert [job.id for _, job in await queues.waiting(store, index, None, 10)][-1] == pushed


async def test_files_from_before_datasets_shared_a_sequence_are_restored(store: Store, tmp_path: Path) -> None:
    await content.put(store, "prices")
    await exported(store, tmp_path)
    for name, change in (
        ("masterdata.json", lambda text: text[:-3] + b'], "dataset_versions": [\n{"name":"gone","version":7}\n]}\n'),
        ("queues.json", lambda text: re.sub(rb',\n{"name":"datasets"[^\n]*', b"", text)),
    ):
        path = tmp_path / name
        path.write_bytes(change(path.read_bytes()))
    assert await restore_files(store, tmp_path) == {}
    assert await content.put(store, "prices") == 8


async def test_files_of_several_moments_give_a_sound_store(store: Store, tmp_path: Path) -> None:
    """Each of the four files may be of another moment: whatever is then missing, no promise is broken."""
    index = await queues.create(store, "", 3)
    doomed = await queues.create(store, "doomed", 3)
    await queues.enqueue(store, index, "bob", [content.SPEC] * 2)
    await queues.enqueue(store, doomed, "bob", [content.SPEC] * 2)
    await snapshot.write(store, tmp_path)
    old = (tmp_path / "masterdata.json").read_bytes()
    held = await claims.claim(store, index, 1, 30)
    await claims.complete(store, held, [Outcome(held.jobs[0].id, 3, content.packed(content.SPEC))])
    await queues.delete(store, doomed)
    await queues.enqueue(store, index, "bob", [content.SPEC] * 3)
    await exported(store, tmp_path)
    (tmp_path / "masterdata.json").write_bytes(old)
    dropped = await restore_files(store, tmp_path)
    assert sorted(dropped.values()) == [1, 2, 3]
    assert [job.id for _, job in await queues.waiting(store, index, None, 10)] == [1, 2]
    assert await invariants.violations(store) == []
    assert (await queues.enqueue(store, index, "bob", [content.SPEC]))[0] == 8


async def test_a_job_whose_result_is_missing_is_not_done(store: Store, tmp_path: Path) -> None:
    """As where results.json was copied before masterdata.json; what a person called done never had a result."""
    index, doomed = await queues.create(store, "", 3), await queues.create(store, "doomed", 3)
    by_hand = await jobs.create(store, "ada", content.SPEC)
    await jobs.set_status(store, [by_hand], JobStatus.DONE, "")
    first = await content.forecast_one(store, index)
    await snapshot.write(store, tmp_path)
    old = (tmp_path / "results.json").read_bytes()
    late, homeless = await content.forecast_one(store, index), await content.forecast_one(store, doomed)
    (waiting,) = await queues.enqueue(store, index, "bob", [content.SPEC])
    await jobs.finish(store, alone := await jobs.create(store, "ada", content.SPEC), content.packed(content.SPEC))
    await queues.delete(store, doomed)
    await exported(store, tmp_path)
    (tmp_path / "results.json").write_bytes(old)
    ((told, count),) = (await restore_files(store, tmp_path)).items()
    assert (count, "without their results" in told) == (3, True)
    assert [job.id for _, job in await queues.waiting(store, index, None, 10)] == [late, waiting]
    found = await jobs.get_many(store, [by_hand, first, late, homeless, alone])
    assert [job.status for job in found] == ["done", "done", "queued", "failed", "failed"]
    assert all("without its result" in job.reason for job in found[2:])
    assert found[2].attempts == 0
    assert await invariants.violations(store) == []
    await queues.requeue(store, index, [homeless, alone])
    assert await claims_of(store, index) == [late, waiting, homeless, alone]


async def test_a_job_that_is_gone_does_not_come_back_without_its_result(store: Store, tmp_path: Path) -> None:
    """As where the retention of an older release sweeps while it is restored."""
    index = await queues.create(store, "", 3)
    gone = await content.forecast_one(store, index)
    await exported(store, tmp_path)
    work = Restore(begun := await restorer.begin(store))
    (record,) = json.loads((tmp_path / "masterdata.json").read_text("utf-8"))["jobs"]
    await work.results_missing([(gone, fields_of(record))])
    assert await store.command("EXISTS", keys.job(gone), keys.ready(index)) == 0
    await begun.undo()


async def claims_of(store: Store, index: int) -> list[int]:
    """The jobs of the queue in the order in which they are forecast."""
    return [job.id for job in (await claims.claim(store, index, 10, 30)).jobs]


async def test_a_store_that_holds_anything_is_refused_and_stays_as_it_is(store: Store, tmp_path: Path) -> None:
    await content.fill(store)
    await snapshot.write(store, tmp_path)
    before = await content.everything(store)
    with pytest.raises(ConflictError, match="not empty"):
        await restore_files(store, tmp_path)
    assert await content.everything(store) == before


@pytest.mark.usefixtures("filled")
def test_the_refusal_is_one_clear_line(store_server: EmbeddedStore, tmp_path: Path) -> None:
    process.export_here(store_server.url, tmp_path)
    done = process.run(store_server.url, tmp_path, "restore", str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "the store is not empty" in done.stderr


async def test_a_restore_that_was_cut_off_is_not_exported_and_can_be_repeated(store: Store, tmp_path: Path) -> None:
    await content.fill(store)
    before = await exported(store, tmp_path)
    files = process.contents(tmp_path)
    begun = await restorer.begin(store)
    await Restore(begun).queues([(1, {"name": "half"})])
    with pytest.raises(ConflictError, match="restore"):
        await snapshot.write(store, tmp_path)
    assert process.contents(tmp_path) == files
    with pytest.raises(ConflictError, match="another restore goes on"):
        await restore_files(store, tmp_path)
    await store.command("DEL", keys.RESTORER)  # as the store does by itself after a silence
    await restore_files(store, tmp_path)
    after = await content.everything(store)
    assert {**after, keys.LEASE_SEQUENCE: 0} == {**before, keys.LEASE_SEQUENCE: 0}


async def test_a_restore_that_is_asked_to_end_leaves_nothing(
    store: Store, store_server: EmbeddedStore, tmp_path: Path
) -> None:
    index = await queues.create(store, "", 3)
    for _ in range(16):
        await queues.enqueue(store, index, "ada", [content.SPEC] * 250)
    await exported(store, tmp_path)
    with process.restoring(store_server.url, tmp_path) as restoring:
        await wait_until_async(lambda: store.command("EXISTS", keys.JOBS), "a part is restored")
        restoring.send_signal(signal.SIGTERM)
        told = await asyncio.to_thread(restoring.communicate, timeout=50)
    assert (restoring.returncode, told[1]) == (1, "foresail exporter: interrupted\n")
    assert await content.everything(store) == {}
