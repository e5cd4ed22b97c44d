"""The process: exports until it is asked to end, and survives what goes wrong meanwhile."""

import asyncio
import re
import signal
import urllib.request
from pathlib import Path

import pytest

from services.store import exports
from services.store.embedded import EmbeddedStore
from tests.exporter import content, process
from tests.promtool import check
from tests.store.process import embedded
from tests.store.soundness import connected
from tests.waiting import wait_until


def scrape(log: Path) -> str:
    wait_until(lambda: re.search(r"metrics on (http://\S+)", log.read_text()), "the metrics are served")
    found = re.search(r"metrics on (http://\S+)", log.read_text())
    assert found
    with urllib.request.urlopen(found[1], timeout=10) as answer:
        return str(answer.read().decode())


def sample(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    assert found, f"{name} is not in {text}"
    return float(found[1])


@pytest.mark.usefixtures("filled")
def test_what_changes_is_soon_in_the_files(store_server: EmbeddedStore, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with process.exporting(store_server.url, tmp_path / "export", log):
        wait_until(lambda: process.exported_jobs(tmp_path / "export"), "the first export")
        job_id = content.create_job(store_server.url)
        wait_until(lambda: job_id in process.exported_jobs(tmp_path / "export"), "the new job is exported")
        (tmp_path / "export" / "masterdata.json").unlink()
        wait_until(lambda: job_id in process.exported_jobs(tmp_path / "export"), "a lost file is written again")
        (tmp_path / "export" / "masterdata.json").write_text("{}")
        wait_until(lambda: job_id in process.exported_jobs(tmp_path / "export"), "a spoilt file is written again")
        text = scrape(log)
        assert sample(text, "foresail_export_duration_seconds_count") >= 2
        assert sample(text, "foresail_export_errors_total") == 0
        assert 0 <= sample(text, "foresail_export_age_seconds") < 60
        assert check(text) == ""
        assert sample(text, 'foresail_export_size_bytes{file="users.json"}') > 50


def test_a_store_at_rest_costs_no_export(tmp_path: Path) -> None:
    """Its files are as new as the store all the time, and no page of it is read."""
    # A store of its own: nobody else's scripts may be counted.
    log, folder, count = tmp_path / "log", tmp_path / "export", "foresail_export_duration_seconds_count"
    with embedded(tmp_path / "s") as server, process.exporting(server.url, folder, log):
        content.create_job(server.url)
        wait_until(lambda: "metrics on" in log.read_text() and process.exported_jobs(folder), "an export")
        exports_before = sample(scrape(log), count) + 2
        wait_until(lambda: sample(scrape(log), count) > exports_before, "it is at rest")
        calls, exports_before = evaluations(server.url), sample(scrape(log), count)
        began = asyncio.run(last_export(server.url))
        wait_until(lambda: sample(scrape(log), count) > exports_before + 3, "more exports")
        assert evaluations(server.url) == calls
        assert (asyncio.run(last_export(server.url)) or 0) > (began or 0)


def evaluations(url: str) -> str:
    """How often scripts were run in the store, which reading a page does."""

    async def ask() -> str:
        async with connected(url) as store:
            lines = (await store.command("INFO", "commandstats")).decode().splitlines()
            return next((line.split(",")[0] for line in lines if line.startswith("cmdstat_evalsha:")), "none")

    return asyncio.run(ask())


@pytest.mark.usefixtures("filled")
def test_sigterm_gives_one_last_export(store_server: EmbeddedStore, tmp_path: Path) -> None:
    with process.exporting(store_server.url, tmp_path / "export", tmp_path / "log", interval=30) as exporter:
        wait_until(lambda: process.exported_jobs(tmp_path / "export"), "the first export")
        wait_until(lambda: asyncio.run(last_export(store_server.url)), "the first export is noted")
        job_id = content.create_job(store_server.url)
        exporter.send_signal(signal.SIGTERM)
        assert exporter.wait(30) == 0
    assert job_id in process.exported_jobs(tmp_path / "export")


async def last_export(url: str) -> float | None:
    async with connected(url) as store:
        return await exports.last(store)


def test_the_store_may_go_away_and_come_back(tmp_path: Path) -> None:
    log, folder = tmp_path / "log", tmp_path / "export"
    with embedded(tmp_path / "s") as server, process.exporting(server.url, folder, log) as exporter:
        content.create_job(server.url)
        wait_until(lambda: process.exported_jobs(folder) == [1], "the first export")
        server.stop()
        wait_until(lambda: "cannot export, and tries again: the store does not answer" in log.read_text(), "trouble")
        errors = sample(scrape(log), "foresail_export_errors_total")
        wait_until(lambda: sample(scrape(log), "foresail_export_errors_total") > errors + 2, "it tries again")
        assert log.read_text().count("cannot export") == 1
        assert process.exported_jobs(folder) == [1]
        server.start()
        content.create_job(server.url)
        wait_until(lambda: process.exported_jobs(folder) == [1, 2], "it exports again")
        wait_until(lambda: "exporting again" in log.read_text(), "it says so")
        assert exporter.poll() is None


def test_it_ends_in_time_without_a_store(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with process.exporting(f"unix://{tmp_path}/nobody.sock", tmp_path / "export", log) as exporter:
        wait_until(lambda: "cannot export" in log.read_text(), "trouble is told")
        exporter.send_signal(signal.SIGTERM)
        assert exporter.wait(30) == 0
    assert "Traceback" not in log.read_text()


@pytest.mark.usefixtures("filled")
def test_a_folder_that_cannot_be_written_is_told_and_waited_for(store_server: EmbeddedStore, tmp_path: Path) -> None:
    log, folder = tmp_path / "log", tmp_path / "export"
    folder.write_text("a file stands in the way")
    with process.exporting(store_server.url, folder, log) as exporter:
        wait_until(lambda: "cannot export" in log.read_text(), "trouble is told")
        folder.unlink()
        wait_until(lambda: process.exported_jobs(folder), "it exports")
        folder.rename(tmp_path / "moved away")  # at once: it may be writing into it
        wait_until(lambda: process.exported_jobs(folder), "it exports again")
        assert exporter.poll() is None


@pytest.mark.usefixtures("filled")
def test_a_second_exporter_on_the_folder_is_told_and_waits(store_server: EmbeddedStore, tmp_path: Path) -> None:
    folder, first, second = tmp_path / "export", tmp_path / "log", tmp_path / "second"
    told = f"the folder {folder} is in use by another exporter"
    with process.exporting(store_server.url, folder, first) as exporter:
        wait_until(lambda: process.exported_jobs(folder), "the first export")
        for words in (["--once"], ["restore"]):
            done = process.run(store_server.url, folder, *words)
            assert (done.returncode, done.stderr.count("\n")) == (1, 1)
            assert told in done.stderr
        with process.exporting(store_server.url, folder, second) as waiting:
            wait_until(lambda: told in second.read_text(), "it is told")
            exporter.kill()
            wait_until(lambda: "exporting again" in second.read_text(), "it takes over")
            assert waiting.poll() is None
    assert "cannot export" not in first.read_text()


def test_once_without_a_store_is_one_clear_line(tmp_path: Path) -> None:
    done = process.run(f"unix://{tmp_path}/nobody.sock", tmp_path / "export", "--once")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "the store does not answer" in done.stderr
