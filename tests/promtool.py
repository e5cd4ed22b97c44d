"""Prometheus' own judgement of metrics."""

import shutil
import subprocess


def check(text: str) -> str:
    """What promtool has to say against the metrics, empty for nothing; `make test` puts promtool on the path."""
    promtool = shutil.which("promtool")
    assert promtool, "promtool is missing: make promtool, or install Debian's package prometheus"
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    return f"{done.returncode}: {done.stdout}{done.stderr}" if done.returncode else ""
