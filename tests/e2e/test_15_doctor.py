"""`foresail doctor` says what is wrong on a cluster: which edge is broken, the operator, the store, the export."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cli.exits import Exit
from tests.cli.foresail import Foresail
from tests.e2e.kube import get, kubectl
from tests.e2e.system import Person
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(600)
OPERATOR = "mpi-operator"
Doctor = Callable[[int], dict[str, dict[str, Any]]]


@pytest.fixture
def doctor(url: str, admin: Person, tmp_path: Path) -> Doctor:
    """Its checks by name; it must end with the code."""
    token = str(admin.http.headers["Authorization"]).removeprefix("Bearer ")
    command = Foresail(url, tmp_path, token)

    def ask(code: int) -> dict[str, dict[str, Any]]:
        return {one["check"]: one for one in json.loads(command("doctor", "-o", "json", code=code).out)}

    return ask


def test_all_is_well(doctor: Doctor) -> None:
    wait_until(_all_are_ready, "what other stories moved is back", 180)
    found = doctor(Exit.OK)
    assert {one["state"] for one in found.values()} == {"good"}, found
    assert set(found) == {
        *("server", "session", "auth", "masterdata", "queueing", "calculations"),
        *("store", "jobs", "export", "runner"),
    }
    assert "noeviction" in found["store"]["found"]
    assert "behind the store" in found["export"]["found"]
    assert "the cluster knows MPIJobs" in found["runner"]["found"]
    assert "an MPI Operator takes them up" in found["runner"]["found"]
    wait_until(lambda: not get("mpijobs", "-l", "foresail/probe"), "nothing is left of the probe", 30)


@pytest.mark.parametrize("broken", ["masterdata", "calculations"])
def test_an_edge_that_is_broken_is_named_and_no_other(doctor: Doctor, broken: str) -> None:
    with _changed("service", f"foresail-{broken}", "/spec/selector/app.kubernetes.io~1component", "nobody", broken):
        wait_until(lambda: _bad(doctor(Exit.REFUSED)) >= {broken}, f"{broken} is missed", 60)
        assert _bad(doctor(Exit.REFUSED)) - {"runner"} == {broken}
    wait_until(lambda: _healed(doctor), "it is found again", 60)


def test_an_operator_that_is_away(doctor: Doctor) -> None:
    kubectl("scale", "deployment", OPERATOR, "--replicas=0", namespace=OPERATOR)
    kubectl("wait", "--for=delete", "pod", "-l", "app=mpi-operator", "--timeout=60s", namespace=OPERATOR)
    try:
        found = doctor(Exit.REFUSED)
        assert _bad(found) == {"runner"}
        assert "no MPI Operator takes MPIJobs up" in found["runner"]["found"]
    finally:
        kubectl("scale", "deployment", OPERATOR, "--replicas=1", namespace=OPERATOR)
        kubectl("rollout", "status", "deployment", OPERATOR, "--timeout=120s", namespace=OPERATOR)
    # It waits for the lease of the one before it.
    wait_until(lambda: _healed(doctor), "it is back at work", 90)


def test_a_store_that_may_lose_data(doctor: Doctor) -> None:
    _store("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    try:
        found = doctor(Exit.REFUSED)
    finally:
        _store("CONFIG", "SET", "maxmemory-policy", "noeviction")
    assert _bad(found) == {"store"}
    assert "noeviction" in found["store"]["found"]


def test_an_export_that_is_old(doctor: Doctor) -> None:
    kubectl("scale", "deployment", "foresail-exporter", "--replicas=0")
    try:
        wait_until(lambda: _old(doctor), "the export's age is told", 120)
    finally:
        kubectl("scale", "deployment", "foresail-exporter", "--replicas=1")
        kubectl("rollout", "status", "deployment/foresail-exporter", "--timeout=180s")
    wait_until(lambda: _healed(doctor), "it is fresh again", 60)


def _old(doctor: Doctor) -> bool:
    try:
        return _bad(doctor(Exit.REFUSED)) == {"export"}
    except AssertionError:  # still fresh: all is well, and the exit code says so
        return False


def _healed(doctor: Doctor) -> bool:
    try:
        return not _bad(doctor(Exit.OK))
    except AssertionError:
        return False


def _bad(found: dict[str, dict[str, Any]]) -> set[str]:
    return {name for name, one in found.items() if one["state"] != "good"}


@contextmanager
def _changed(kind: str, name: str, path: str, value: str, before: str) -> Iterator[None]:
    """One field of an object is different for the block."""
    kubectl("patch", kind, name, "--type=json", "--patch", _replace(path, value))
    try:
        yield
    finally:
        kubectl("patch", kind, name, "--type=json", "--patch", _replace(path, before))


def _replace(path: str, value: str) -> str:
    return json.dumps([{"op": "replace", "path": path, "value": value}])


def _store(*words: str) -> None:
    kubectl("exec", "foresail-store-0", "--", "valkey-cli", *words)


def _all_are_ready() -> bool:
    found = get("deployments", "-l", "app.kubernetes.io/name=foresail")
    return all(one["status"].get("readyReplicas", 0) == one["spec"]["replicas"] for one in found)
