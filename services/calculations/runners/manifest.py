"""A run's MPIJob: the chart's manifest with this run's name, labels, arguments and number of workers."""

import copy
import json
import math
from pathlib import Path
from typing import Any

from services.calculations.runners.kubernetes import Manifest
from services.errors import InvalidError
from services.models import Run, RunState

RUN_LABEL = "foresail/run"
QUEUE_LABEL = "foresail/queue"
PROBE_LABEL = "foresail/probe"
_KUEUE = "kueue.x-k8s.io/"
_INSTANCE = "app.kubernetes.io/instance"


class Template:
    """The chart's manifest, which is a valid MPIJob by itself."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._name = str(manifest["metadata"]["name"])
        self.slots = int(manifest["spec"]["slotsPerWorker"])
        self._mine = f"{_INSTANCE}={manifest['metadata']['labels'][_INSTANCE]}"
        self.selector = f"{RUN_LABEL},{self._mine}"
        """Selects the MPIJobs of this installation's runs."""

    @classmethod
    def read(cls, file: Path) -> "Template":
        """The template in a file; raises InvalidError that names the file."""
        try:
            return cls(json.loads(file.read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidError(f"[mpijob] template: {file} holds no MPIJob: {error!r}", "mpijob.template") from error

    def name(self, run: Run) -> str:
        """Name of a run's MPIJob. The store lets a queue have one run at a time; a number makes it new.

        Pods of an ended run can linger on a lost node and must not stand in the way of the queue's next run.
        """
        return f"{self._name}-{run.id}"

    def fill(self, run: Run) -> Manifest:
        """The MPIJob of a run: as many pods, the launcher among them, as its ranks need."""
        filled = copy.deepcopy(self._manifest)
        labels = {RUN_LABEL: str(run.id), QUEUE_LABEL: str(run.queue)}
        filled["metadata"]["name"] = self.name(run)
        filled["metadata"]["labels"] |= labels
        replicas: dict[str, Any] = filled["spec"]["mpiReplicaSpecs"]
        for part in replicas.values():
            part["template"]["metadata"]["labels"] |= labels
        words = ["--queue", str(run.queue), "--run", str(run.id), "--processes", str(run.processes)]
        launcher = replicas["Launcher"]["template"]["spec"]["containers"][0]
        launcher["args"] = launcher["args"][: launcher["args"].index("--queue")] + words
        replicas["Worker"]["replicas"] = self.workers(run)
        if not self.workers(run):
            del replicas["Worker"]
        return filled

    def workers(self, run: Run) -> int:
        """Pods of a run beside its launcher, which is a host too."""
        return math.ceil(run.processes / self.slots) - 1

    def probe(self, name: str) -> Manifest:
        """An MPIJob that shows whether an operator is at work: suspended, so without pods, and in no queue of Kueue.

        Should anybody resume it, its only pod does nothing.
        """
        probe = self.fill(Run(0, 0, RunState.PENDING, "", 1, 0.0))
        labels = {key: value for key, value in probe["metadata"]["labels"].items() if not key.startswith(_KUEUE)}
        del labels[RUN_LABEL], labels[QUEUE_LABEL]
        # Not after the release, whose name may be too long for it: the operator makes host names of pods out of it.
        probe["metadata"] |= {"name": f"foresail-probe-{name}", "labels": {**labels, PROBE_LABEL: name}}
        probe["spec"]["runPolicy"]["suspend"] = True
        launcher = probe["spec"]["mpiReplicaSpecs"]["Launcher"]["template"]
        launcher["spec"]["containers"][0]["args"] = ["true"]
        return probe

    def probes(self, name: str = "") -> str:
        """Selects this installation's probes, or the one with that name."""
        return f"{PROBE_LABEL}={name},{self._mine}" if name else f"{PROBE_LABEL},{self._mine}"
