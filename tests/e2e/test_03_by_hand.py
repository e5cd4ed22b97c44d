"""A run without the calculations service: kubectl apply -f k8s/mpijob.yaml."""

from pathlib import Path

import pytest

from tests.e2e.kube import applied, get, kubectl
from tests.e2e.system import RUNS, Person, assert_each_done_once, cheap
from tests.waiting import wait_until

pytestmark = [pytest.mark.first, pytest.mark.timeout(600)]


def test_a_manifest_drains_a_queue(manager: Person) -> None:
    queue, ids = manager.filled(cheap(500))
    (template,) = get("configmaps", "--field-selector", "metadata.name=foresail-run")
    image = next(line for line in template["data"]["mpijob.yaml"].splitlines() if "image:" in line).strip()
    text = Path("k8s/mpijob.yaml").read_text("utf-8")
    # What a person would edit: the queue, and the image where it is not the released one.
    text = text.replace("image: foresail-mpi:0.1.0", image).replace('--queue, "1"', f'--queue, "{queue}"')
    with applied(text):
        wait_until(lambda: _succeeded("foresail-run"), "the MPIJob has succeeded", 180)
        log = kubectl("logs", "job/foresail-run-launcher")
    newest = manager.ask("GET", f"{RUNS}?limit=1")["items"][0]
    assert newest["queue"] == queue, log
    assert newest["hosts"] == ["foresail-run-launcher", "foresail-run-worker-0"]
    assert_each_done_once(manager, queue, ids, [newest["id"]])


def _succeeded(name: str) -> bool:
    (found,) = get("mpijobs", "--field-selector", f"metadata.name={name}")
    conditions = {one["type"]: one["status"] for one in found.get("status", {}).get("conditions", [])}
    assert conditions.get("Failed") != "True", found["status"]
    return conditions.get("Succeeded") == "True"
