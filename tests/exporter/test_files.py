"""The files: whole whatever happens, for their owner only, untouched where nothing changed, flat in memory."""

import json
import os
import resource
import signal
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from services.errors import ConflictError
from services.exporter import snapshot
from services.exporter.hold import held
from services.exporter.memory import Memory
from services.exporter.restoring import restore_files
from services.models import JobSpec, Role
from services.store import dump, exports, jobs, keys, queues, results, users
from services.store.connection import Store
from services.store.embedded import EmbeddedStore
from services.store.records import spec_words
from tests.exporter import content, process
from tests.waiting import wait_until

pytestmark = pytest.mark.anyio
Deed = Callable[[], Awaitable[object]]
Meanwhile = Callable[[Deed], None]


async def test_four_json_files_that_only_the_owner_can_read(store: Store, tmp_path: Path) -> None:
    await content.fill(store)
    folder = tmp_path / "deep" / "export"
    await snapshot.write(store, folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted([*process.FILES, ".lock"])
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_people_find_what_they_look_for(store: Store, tmp_path: Path) -> None:
    index = await content.fill(store)
    await snapshot.write(store, tmp_path)
    read = {name: json.loads((tmp_path / name).read_text("utf-8")) for name in process.FILES}
    assert [user["name"] for user in read["users.json"]["users"]] == ["ada", "bøb"]
    statuses = sorted(job["status"] for job in read["masterdata.json"]["jobs"])
    assert statuses == ["done", "done", "failed", "in progress", "queued", "queued"]
    assert read["masterdata.json"]["datasets"][0]["assets"] == ["Ä", "7", "b,c"]
    assert [result["job"] for result in read["results.json"]["results"]] == sorted(
        job["id"] for job in read["masterdata.json"]["jobs"] if job["status"] == "done"
    )
    places = read["queues.json"]["places"]
    waiting = [job.id for _, job in await queues.waiting(store, index, None, 10)]
    assert [job for place in places if place["place"] == "ready" for job in place["jobs"]] == waiting
    assert {place["place"] for place in places} == {"ready", "dead"}


@pytest.mark.parametrize("name", ["status", "done", "score"])
async def test_names_that_are_words_of_a_job_hide_nothing(store: Store, tmp_path: Path, name: str) -> None:
    spec = JobSpec(name, (0,), "ols", 3)
    job_id = await jobs.create(store, name, spec)
    await jobs.finish(store, job_id, content.packed(spec))
    await snapshot.write(store, tmp_path)
    await store.command("FLUSHALL")
    assert await restore_files(store, tmp_path) == {}
    assert (await jobs.get(store, job_id, name)).spec == spec
    assert (await results.get(store, job_id)).rows == results.unpack(content.packed(spec)).rows


async def test_no_token_is_in_any_file(store: Store, tmp_path: Path) -> None:
    await content.fill(store)
    token = await content.log_in(store, "ada")
    await snapshot.write(store, tmp_path)
    whole = b"".join(process.contents(tmp_path).values())
    for secret in content.traces(token):
        assert secret not in whole


async def test_a_file_whose_content_is_the_same_is_not_touched(store: Store, tmp_path: Path) -> None:
    await content.fill(store)
    await snapshot.write(store, tmp_path)
    before = {name: (tmp_path / name).stat() for name in process.FILES}
    for name in process.FILES:
        os.utime(tmp_path / name, ns=(1, 1))
    await jobs.create(store, "ada", content.SPEC)
    await snapshot.write(store, tmp_path)
    touched = {name for name in process.FILES if (tmp_path / name).stat().st_mtime_ns != 1}
    assert touched == {"masterdata.json", "queues.json"}
    assert (tmp_path / "users.json").stat().st_ino == before["users.json"].st_ino


async def test_the_store_knows_of_the_export(store: Store, tmp_path: Path) -> None:
    assert await exports.last(store) is None
    export = await snapshot.write(store, tmp_path)
    before, after = await exports.note(store, export)
    assert await exports.last(store) == export.began
    assert (before != after, await exports.mark(store)) == (True, after)
    assert export.sizes == {name: len(text) for name, text in process.contents(tmp_path).items()}


async def test_more_than_a_page_of_everything(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump, "PAGE", 2)
    for number in range(5):
        await queues.create(store, f"queue {number}", 3)
    ids = await queues.enqueue(store, 5, "bob", [content.SPEC] * 7)
    await snapshot.write(store, tmp_path)
    first = process.contents(tmp_path)
    await store.command("FLUSHALL")
    assert await restore_files(store, tmp_path) == {}
    assert [job.id for _, job in await queues.waiting(store, 5, None, 9)] == list(ids)
    await snapshot.write(store, tmp_path)
    assert process.contents(tmp_path)["masterdata.json"] == first["masterdata.json"]


async def test_files_of_another_store_are_kept(store: Store, tmp_path: Path) -> None:
    """A store that lost everything must not overwrite what was saved of it."""
    await content.fill(store)
    await snapshot.write(store, tmp_path)
    saved = process.contents(tmp_path)
    await store.command("FLUSHALL")
    await snapshot.write(store, tmp_path)
    await snapshot.write(store, tmp_path)
    (kept,) = process.kept(tmp_path)
    assert process.contents(kept) == saved
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    await store.command("FLUSHALL")
    assert await restore_files(store, kept) == {}


async def test_files_of_a_later_time_are_kept(store: Store, tmp_path: Path) -> None:
    """A store that is an older copy of itself, as from a snapshot of its volume, has the same name."""
    for _ in range(3):
        await jobs.create(store, "ada", content.SPEC)
    await snapshot.write(store, tmp_path)
    saved, name = process.contents(tmp_path), await exports.identity(store)
    await store.command("FLUSHALL")
    await store.command("HSET", keys.EXPORT, "store", name)
    await jobs.create(store, "ada", content.SPEC)
    await snapshot.write(store, tmp_path)
    await snapshot.write(store, tmp_path)
    (kept,) = process.kept(tmp_path)
    assert process.contents(kept) == saved


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Lets something happen in the middle of the next export: what changed is asked for, and no job is read yet."""
    whole = dump.dataset_state

    def happens(deed: Deed) -> None:
        async def read(store: Store) -> str:
            monkeypatch.undo()
            await deed()
            return await whole(store)

        monkeypatch.setattr(dump, "dataset_state", read)

    return happens


async def test_a_store_that_is_emptied_meanwhile_overwrites_nothing(
    store: Store, tmp_path: Path, meanwhile: Meanwhile
) -> None:
    await content.fill(store)
    await snapshot.write(store, tmp_path)
    saved = process.contents(tmp_path)
    meanwhile(lambda: store.command("FLUSHALL"))
    with pytest.raises(ConflictError, match="emptied while it was exported"):
        await snapshot.write(store, tmp_path)
    assert process.contents(tmp_path) == saved


async def test_whoever_works_meanwhile_is_there_with_the_work(
    store: Store, tmp_path: Path, meanwhile: Meanwhile
) -> None:
    async def begin_to_work() -> None:
        await users.create(store, "new", Role.EMPLOYEE, "hash")
        await jobs.create(store, "new", content.SPEC)

    await content.fill(store)
    meanwhile(begin_to_work)
    await snapshot.write(store, tmp_path)
    await store.command("FLUSHALL")
    await restore_files(store, tmp_path)
    assert await users.find(store, "new") is not None


@pytest.mark.parametrize("count", [250, 700], ids=["by one script", "in pieces"])
async def test_a_push_meanwhile_is_there_as_a_whole_or_not_at_all(
    store: Store, tmp_path: Path, meanwhile: Meanwhile, count: int
) -> None:
    index = await queues.create(store, "", 3)
    await queues.enqueue(store, index, "ada", [content.SPEC] * 100)
    with held(tmp_path):
        _, memory = await snapshot.write_held(store, tmp_path, Memory())
        (before,) = await queues.enqueue(store, index, "ada", [content.SPEC])
        meanwhile(lambda: queues.enqueue(store, index, "ada", [content.SPEC] * count))
        _, memory = await snapshot.write_held(store, tmp_path, memory)
        assert process.exported_jobs(tmp_path) == list(range(1, before + 1))
        await snapshot.write_held(store, tmp_path, memory)
    assert process.exported_jobs(tmp_path) == list(range(1, before + 1 + count))


async def test_so_is_one_that_had_begun_before(store: Store, tmp_path: Path, meanwhile: Meanwhile) -> None:
    index = await queues.create(store, "", 3)
    push = int(await store.call("begin_push", index, "ada", 300))
    for at, piece in ((0, 250), (250, 50)):
        await store.call("extend_push", push, at, *spec_words(content.SPEC) * piece)
    (after,) = await queues.enqueue(store, index, "ada", [content.SPEC])
    with held(tmp_path):
        meanwhile(lambda: store.call("commit_push", push))
        _, memory = await snapshot.write_held(store, tmp_path, Memory())
        assert process.exported_jobs(tmp_path) == [after]
        await snapshot.write_held(store, tmp_path, memory)
    assert process.exported_jobs(tmp_path) == list(range(1, after + 1))


@pytest.mark.usefixtures("filled")
def test_killed_while_it_writes_it_leaves_the_old_files_whole(store_server: EmbeddedStore, tmp_path: Path) -> None:
    content.put_here(store_server.url, "large", 2**20)  # so that most of its time is spent on writing
    process.export_here(store_server.url, tmp_path)

    def stopped_while_it_writes() -> bool:
        content.create_job(store_server.url)
        exporter.send_signal(signal.SIGSTOP)
        os.waitpid(exporter.pid, os.WUNTRACED)
        if any(tmp_path.glob(".*.tmp")):
            return True
        exporter.send_signal(signal.SIGCONT)
        return False

    with process.exporting(store_server.url, tmp_path, tmp_path / "log") as exporter:
        wait_until(stopped_while_it_writes, "a file is being written")
        before = process.contents(tmp_path)
        exporter.kill()
        exporter.wait()
    assert process.contents(tmp_path) == before
    assert all(json.loads(text)["version"] == 1 for text in before.values())
    assert any(tmp_path.glob(".*.tmp"))
    process.export_here(store_server.url, tmp_path)
    assert not any(tmp_path.glob(".*.tmp"))


@pytest.mark.usefixtures("filled")
def test_a_full_disk_leaves_the_old_files_whole_and_says_so(store_server: EmbeddedStore, tmp_path: Path) -> None:
    saved = process.export_here(store_server.url, tmp_path)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    done = process.run(store_server.url, tmp_path, "--once", before=limit)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "File too large" in done.stderr
    assert process.contents(tmp_path) == saved
    assert list(tmp_path.glob(".*.tmp")) == []
