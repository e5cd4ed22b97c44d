"""The metrics of real services: named after Prometheus' conventions, all there from the start, read from the store."""

import asyncio
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from services.models import JobSpec, RunState
from services.store import claims, queues, runs
from services.store.claims import Outcome
from services.store.connection import Store
from services.store.embedded import EmbeddedStore
from tests.api.service import alone
from tests.promtool import check
from tests.store.process import embedded
from tests.store.soundness import connected
from tests.waiting import wait_until

SPEC = JobSpec("market", (0, 1, 2), "ols", 10)
ENDED = {"done", "failed", "stopped"}
Samples = dict[tuple[str, str], float]


def samples(text: str) -> Samples:
    """Values by name and by the value of the one label that our families have."""
    found = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    ours = [sample for sample in found if sample.name.startswith("foresail_") and len(sample.labels) < 2]
    return {(sample.name, next(iter(sample.labels.values()), "")): sample.value for sample in ours}


async def work(store: Store) -> int:
    """A queue with four jobs: one done, one failed, one leased by a run that goes on, one waiting."""
    index = await queues.create(store, "", 3)
    await queues.enqueue(store, index, "bob", [SPEC] * 4)
    over = await runs.start(store, index, "bob", 2, 30)
    await runs.begin(store, over, ["here"], "program")
    held = await claims.claim(store, index, 2, 30, over)
    outcomes = [Outcome(held.jobs[0].id, 3, b"packed"), Outcome(held.jobs[1].id, 3, reason="impossible")]
    await claims.complete(store, held, outcomes, over)
    await claims.complete(store, held, outcomes, over)
    await runs.end(store, over, RunState.DONE)
    run = await runs.start(store, index, "bob", 2, 3600)
    await runs.begin(store, run, ["here"], "program")
    await claims.claim(store, index, 1, 3600, run)
    await runs.beat(store, run)
    return index


def test_queues_are_seen_as_the_store_holds_them(store_server: EmbeddedStore, tmp_path: Path) -> None:
    async def fill() -> str:
        async with connected(store_server.url) as store:
            return str(await work(store))

    with alone("queueing", tmp_path, {"FORESAIL_STORE_URL": store_server.url}) as server:
        assert samples(server.metrics())["foresail_store_up", ""] == 1
        queue = asyncio.run(fill())
        text = server.metrics()
    found = {
        name.removeprefix("foresail_queue_"): value for (name, label), value in samples(text).items() if label == queue
    }
    assert found.pop("oldest_age_seconds") > 0
    assert found == {
        "ready_jobs": 1,
        "leased_jobs": 1,
        "dead_jobs": 1,
        "enqueued_jobs_total": 4,
        "claimed_jobs_total": 3,
        "completed_jobs_total": 1,
        "failed_jobs_total": 1,
        "redelivered_jobs_total": 0,
        "stale_completions_total": 2,
    }
    assert check(text) == ""


def test_runs_are_seen_by_state_and_by_queue(store_server: EmbeddedStore, tmp_path: Path) -> None:
    async def fill() -> str:
        async with connected(store_server.url) as store:
            return str(await work(store))

    with alone("calculations", tmp_path, {"FORESAIL_STORE_URL": store_server.url}) as server:
        before = samples(server.metrics())
        queue = asyncio.run(fill())
        text = server.metrics()
        after = samples(text)
    assert {label for name, label in before if name == "foresail_runs_ended_total"} == ENDED
    assert {label for name, label in before if name == "foresail_run_duration_seconds_count"} == ENDED
    assert before["foresail_runs_ended_total", "done"] == 0
    assert after["foresail_runs_ended_total", "done"] == 1
    assert after["foresail_run_duration_seconds_sum", "done"] > 0
    assert after["foresail_run_jobs_per_second", queue] == 0
    assert after["foresail_run_assets_per_second", queue] == 0
    assert check(text) == ""


def test_without_a_store_the_metrics_say_just_that(tmp_path: Path) -> None:
    with embedded(tmp_path / "s") as store, alone("queueing", tmp_path, {"FORESAIL_STORE_URL": store.url}) as server:
        store.stop()
        away = samples(server.metrics())
        assert away["foresail_store_up", ""] == 0
        assert not [name for name, _ in away if name.startswith(("foresail_queue_", "foresail_export_"))]
        store.start()
        wait_until(lambda: samples(server.metrics())["foresail_store_up", ""] == 1, "the store is seen again")


def test_requests_are_counted_by_route_and_never_by_path(store_server: EmbeddedStore, tmp_path: Path) -> None:
    with alone("queueing", tmp_path, {"FORESAIL_STORE_URL": store_server.url}) as server:
        httpx.get(f"{server.url}/queueing/queues/7")
        httpx.get(f"{server.url}/nowhere/at/all")
        text = server.metrics()
    assert "/nowhere" not in text
    assert 'route="unknown",status="404"' in text
    assert check(text) == ""
