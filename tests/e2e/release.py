"""A second release of the chart, in a namespace of its own, and what is done in its pods."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.kube import NAMESPACE, Manifest, get, kubectl
from tests.waiting import wait_until

SECONDS = 180
"""For its pods to be ready, beside other work."""


@contextmanager
def namespace(name: str) -> Iterator[str]:
    """A namespace for the block."""
    kubectl("create", "namespace", name)
    try:
        yield name
    finally:
        kubectl("delete", "namespace", name, "--wait=false")


def install(folder: Path, name: str, changes: Manifest) -> None:
    """Install it with the first release's values but for the changes, and wait until its pods are ready."""
    values, others = folder / "values.json", folder / "changes.json"
    values.write_bytes(run("helm", "--namespace", NAMESPACE, "get", "values", "foresail", "--output", "json"))
    others.write_text(json.dumps(changes), "utf-8")
    command = ["helm", "install", "foresail", "charts/foresail", "--namespace", name]
    run(*command, "--values", str(values), "--values", str(others))
    wait_until(lambda: all(map(_ready, get("deployments", namespace=name))), f"all pods in {name} are ready", SECONDS)


def in_exporter(name: str, *words: str, stdin: bytes = b"") -> bytes:
    """What a command prints in the exporter's pod; it must succeed."""
    command = ["kubectl", "--namespace", name, "exec", "-i", "deployment/foresail-exporter", "--", *words]
    return run(*command, stdin=stdin)


def run(*words: str, stdin: bytes = b"") -> bytes:
    """What a command prints; it must succeed."""
    done = subprocess.run(words, input=stdin, capture_output=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def _ready(deployment: Manifest) -> bool:
    return bool(deployment["status"].get("readyReplicas", 0) == deployment["spec"]["replicas"])
