#!/usr/bin/env python3
"""Writes k8s/mpijob.yaml: a run's manifest as the chart makes it for a release `foresail` with its default values."""

import re
import subprocess
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = """# A run by hand: drains queue 1 on two hosts. See README.md here.
# Made from the chart by `make k8s`; do not change it here.
"""


def manifest(helm: str = "helm") -> str:
    """The text of the ConfigMap's key mpijob.yaml, comments included."""
    command = [helm, "template", "foresail", "charts/foresail", "--kube-version", "1.34", "-s"]
    command.append("templates/run/configmap.yaml")
    text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = re.search(r"^  mpijob\.yaml: \|\n((?:    .*\n|\s*\n)+)", text, re.MULTILINE)
    assert found is not None, "the chart's ConfigMap has no mpijob.yaml"
    lines = (line.rstrip() for line in textwrap.dedent(found[1]).splitlines())
    return HEAD + "\n".join(line for line in lines if line) + "\n"


if __name__ == "__main__":
    (ROOT / "k8s/mpijob.yaml").write_text(manifest(), "utf-8")
