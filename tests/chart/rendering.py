"""What helm makes of the chart."""

import json
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from yaml import CSafeLoader as SafeLoader

CHART = Path("charts/foresail")
CASES = sorted((CHART / "ci").glob("*.yaml"))
"""Values that the chart is tried with."""
KUBERNETES = "1.34"
Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The objects of one rendering."""

    text: str
    objects: list[Manifest]

    def of(self, kind: str, name: str = "") -> Manifest:
        """The only object of a kind, or the one with that name."""
        found = [one for one in self.objects if one["kind"] == kind and name in ("", one["metadata"]["name"])]
        assert len(found) == 1, f"{len(found)} objects are a {kind} {name}"
        return found[0]

    def kinds(self) -> set[str]:
        return {one["kind"] for one in self.objects}

    def pods(self) -> dict[str, Manifest]:
        """The pod of every workload by its name; a run's are in the ConfigMap that the calculations service reads."""
        workloads = ("Deployment", "StatefulSet")
        pods = {one["metadata"]["name"]: one["spec"]["template"] for one in self.objects if one["kind"] in workloads}
        for role, part in self.mpijob()["spec"]["mpiReplicaSpecs"].items():
            pods[role] = part["template"]
        return pods

    def mpijob(self) -> Manifest:
        text = next(o["data"]["mpijob.json"] for o in self.objects if "mpijob.json" in o.get("data", {}))
        found: Manifest = json.loads(text)
        return found


def run_helm(helm: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([helm, *words], capture_output=True, text=True, check=False)


def render(helm: str, *words: str, release: str = "foresail") -> Rendered:
    """Render the chart with more of helm's words, such as `--set a=b`."""
    text = _text(helm, words, release)
    return Rendered(text, [one for one in yaml.load_all(text, SafeLoader) if one])


@cache
def _text(helm: str, words: tuple[str, ...], release: str) -> str:
    command = ("template", release, str(CHART), "--namespace", "team", "--kube-version", KUBERNETES)
    done = run_helm(helm, *command, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refusal(helm: str, *words: str, release: str = "foresail") -> str:
    """What helm says when it refuses to render."""
    done = run_helm(helm, "template", release, str(CHART), "--kube-version", KUBERNETES, *words)
    assert done.returncode != 0, "helm refused nothing"
    return re.sub(r"\s+", " ", done.stderr)
