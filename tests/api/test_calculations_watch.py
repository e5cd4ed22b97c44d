"""Runs that are MPIJobs, where the Kubernetes API refuses or an MPIJob is gone: the others have their turn.

What a real cluster does is told by the stories of tests/e2e; here an API that refuses everything stands in its place.
"""

import json
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from services.calculations.runners.kubernetes import Cluster
from services.calculations.runners.manifest import RUN_LABEL, Template
from services.calculations.runners.probe import Probe
from services.calculations.runners.watch import ORPHAN_SECONDS, Watch
from services.config import MpiJobSettings, QueueSettings, Settings
from services.errors import UnavailableError
from services.models import Run, RunState
from services.store import queues, runs
from services.store.connection import Store
from tests.cli.others import answering, status
from tests.unit.runners.objects import mpijob

pytestmark = pytest.mark.anyio
LEASE, PATIENCE = 0.2, 900.0
LONG_AGO = "2026-01-01T00:00:00Z"
MANIFEST = {
    "metadata": {"name": "run", "labels": {"app.kubernetes.io/instance": "foresail"}},
    "spec": {
        "slotsPerWorker": 1,
        "runPolicy": {},
        "mpiReplicaSpecs": {
            "Launcher": {
                "template": {"metadata": {"labels": {}}, "spec": {"containers": [{"args": ["drain", "--queue", "1"]}]}}
            },
            "Worker": {"template": {"metadata": {"labels": {}}}},
        },
    },
}
REFUSAL = "Kubernetes refuses with 403: exceeded quota"


@pytest.fixture
def mpijobs() -> list[Any]:
    """Those that the API knows."""
    return []


@pytest.fixture
def api(mpijobs: list[Any]) -> Iterator[str]:
    """The address of one that takes no MPIJob."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        if request.command == "POST":
            status(403, b'{"message": "exceeded quota"}')(request)
        else:
            asked = RUN_LABEL in unquote(request.path) and "mpijobs" in request.path
            status(200, json.dumps({"items": mpijobs if asked else []}).encode())(request)

    with answering(answer) as server:
        yield server.url


@pytest.fixture
async def watch(store: Store, api: str, tmp_path: Path) -> AsyncIterator[Watch]:
    (tmp_path / "token").write_text("secret")
    cluster = Cluster(api, "here", tmp_path / "token", ssl.create_default_context())
    settings = Settings(queue=QueueSettings(lease_seconds=LEASE), mpijob=MpiJobSettings(pending_seconds=PATIENCE))

    async def start(run: Run) -> None:
        await cluster.create_mpijob({"metadata": {"name": f"run-{run.id}"}})

    template = Template(MANIFEST)
    yield Watch(store, settings, cluster, template, Probe(cluster, template), start)
    await cluster.close()


async def pending(store: Store) -> int:
    return await runs.start(store, await queues.create(store, "", 3), "bob", 1, 30)


async def aged(store: Store, run: int, seconds: float) -> None:
    created = (await runs.get(store, run)).created - seconds
    await store.command("HSET", f"foresail:run:{run}", "created", f"{created:.6f}")


async def test_each_run_that_is_refused_says_why(store: Store, watch: Watch) -> None:
    waiting = [await pending(store) for _ in range(2)]
    for run in waiting:
        await aged(store, run, ORPHAN_SECONDS + 1)
    await watch.look_round()
    assert [(await runs.get(store, run)).reason for run in waiting] == [REFUSAL] * 2
    assert {run.state for run in await runs.active(store)} == {RunState.PENDING}


async def test_a_run_that_is_refused_for_too_long_is_given_up(store: Store, watch: Watch) -> None:
    run = await pending(store)
    await aged(store, run, PATIENCE + 1)
    await watch.look_round()
    found = await runs.get(store, run)
    assert (found.state, found.reason) == (RunState.FAILED, f"given up after 900 s: {REFUSAL}")


async def test_a_run_whose_mpijob_is_gone_is_over_once_it_is_silent(store: Store, watch: Watch) -> None:
    run = await pending(store)
    await runs.begin(store, run, ["here"], "program")
    while not (await runs.get(store, run)).finished:
        await watch.look_round()
    found = await runs.get(store, run)
    assert (found.state, found.reason) == (RunState.FAILED, "its MPIJob is gone; its leases bring its jobs back")


async def test_an_outage_of_the_store_ends_no_living_run(
    store: Store, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await pending(store)
    await runs.begin(store, run, ["here"], "program")
    await watch.look_round()
    seen = time.monotonic()

    async def away(_: Store) -> list[Run]:
        raise UnavailableError("the store does not answer")

    with monkeypatch.context() as outage:
        outage.setattr(runs, "active", away)
        while time.monotonic() < seen + LEASE:
            with pytest.raises(UnavailableError):
                await watch.look_round()
    await watch.look_round()
    assert (await runs.get(store, run)).state is RunState.RUNNING


async def test_an_operator_that_cannot_be_asked_for_keeps_no_run_from_its_turn(
    store: Store, watch: Watch, mpijobs: list[Any]
) -> None:
    run, forgotten = [await pending(store) for _ in range(2)]
    await aged(store, forgotten, ORPHAN_SECONDS + 1)
    labelled = {"name": "run", "labels": {RUN_LABEL: str(run)}, "creationTimestamp": LONG_AGO}
    mpijobs.append(mpijob() | {"metadata": labelled})
    await watch.look_round()
    assert "its pods are refused" in (await runs.get(store, run)).reason
    assert (await runs.get(store, forgotten)).reason == REFUSAL


async def test_trouble_with_one_run_keeps_no_other_from_its_turn(
    store: Store, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [await pending(store) for _ in range(2)]
    for run in (first, second):
        await aged(store, run, ORPHAN_SECONDS + 1)
    note = runs.note

    async def trouble(of: Store, run_id: int, reason: str) -> bool:
        if run_id == first:
            raise UnavailableError("the store does not answer")
        return await note(of, run_id, reason)

    monkeypatch.setattr(runs, "note", trouble)
    with pytest.raises(UnavailableError, match="the store does not answer"):
        await watch.look_round()
    assert (await runs.get(store, second)).reason == REFUSAL
