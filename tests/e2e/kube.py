"""kubectl on the cluster that KUBECONFIG names."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMESPACE = "foresail"
Manifest = dict[str, Any]


def kubectl(*words: str, stdin: str = "", namespace: str = NAMESPACE) -> str:
    """What kubectl prints; it must succeed."""
    done = subprocess.run(
        ["kubectl", "--namespace", namespace, *words],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"kubectl {' '.join(words)}: {done.stderr}"
    return done.stdout


def get(kind: str, *words: str, namespace: str = NAMESPACE) -> list[Manifest]:
    """The objects of a kind, such as those with `-l labels`."""
    found: list[Manifest] = json.loads(kubectl("get", kind, *words, "--output", "json", namespace=namespace))["items"]
    return found


def pods(labels: str) -> list[Manifest]:
    return get("pods", "-l", labels)


def ready(pod: Manifest) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def run_pods(run: int) -> dict[str, str]:
    """The pods of a run that are on a node: name and node."""
    found = pods(f"foresail/run={run}")
    return {one["metadata"]["name"]: one["spec"]["nodeName"] for one in found if "nodeName" in one["spec"]}


def secret(name: str, key: str, namespace: str = NAMESPACE) -> str:
    template = f"go-template={{{{index .data {json.dumps(key)} | base64decode}}}}"
    return kubectl("get", "secret", name, "--output", template, namespace=namespace)


@contextmanager
def applied(manifest: str, namespace: str = NAMESPACE, *, wait: bool = True) -> Iterator[None]:
    """Objects that are there for the block, and gone after it."""
    kubectl("apply", "--filename", "-", stdin=manifest, namespace=namespace)
    try:
        yield
    finally:
        kubectl(
            "delete",
            f"--wait={json.dumps(wait)}",
            "--ignore-not-found",
            "--filename",
            "-",
            stdin=manifest,
            namespace=namespace,
        )
