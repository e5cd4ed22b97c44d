"""The command line as people meet it: how long a command takes from the shell to its end, beside the least possible."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks import measure
from benchmarks.measure import Row
from benchmarks.push import BARE, served

FORESAIL = str(Path(sys.executable).with_name("foresail"))
IMPORTS = [sys.executable, "-c", "import typer, httpx"]
SENDER = """
import sys, httpx
body = open(sys.argv[2], "rb").read()
answer = httpx.post(sys.argv[1], content=body, headers={"Content-Type": "application/json"}, timeout=60)
print(answer.raise_for_status())
"""


def seconds(command: Sequence[str], environment: dict[str, str]) -> float:
    """How long a command takes."""
    began = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


@contextmanager
def laptop(folder: Path) -> Iterator[dict[str, str]]:
    """The whole system as on a laptop; yields the environment of somebody who is logged in to it."""
    ports = {f"FORESAIL_{name}_PORT": "0" for name in ("WEB", "WEB_METRICS", "EXPORT_METRICS")}
    places = {"FORESAIL_STORE_FOLDER": str(folder / "store"), "FORESAIL_EXPORT_FOLDER": str(folder / "export")}
    log = folder / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.local"], env=os.environ | ports | places, stderr=stream
        )
    try:
        while not (found := re.search(r"listens on (http://\S+)", log.read_text())):
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        answer = httpx.post(f"{found[1]}/auth/login", json={"user": "admin", "password": "admin"}, timeout=60)
        token = str(answer.raise_for_status().json()["token"])
        yield os.environ | {"FORESAIL_URL": found[1], "FORESAIL_TOKEN": token, "XDG_CONFIG_HOME": str(folder)}
    finally:
        process.terminate()
        process.wait()


def rows(quick: bool) -> Iterator[Row]:
    """Starts, and many jobs in one request."""
    with tempfile.TemporaryDirectory(prefix="fs-") as name, laptop(Path(name)) as person:
        yield from starts(person, 1 if quick else 15)
        yield pushes(Path(name), person, *((100, 1) if quick else (10_000, 7)))


def starts(person: dict[str, str], count: int) -> Iterator[Row]:
    """Against the imports that every command needs."""
    calls = {
        "imports": lambda: seconds(IMPORTS, person),
        "--help": lambda: seconds([FORESAIL, "--help"], person),
        "queues list": lambda: seconds([FORESAIL, "queues", "list"], person),
    }
    found = measure.rounds(calls, count)
    told = measure.figures(found, "ms", 1000)
    for command, most in (("--help", 1.2), ("queues list", 2)):
        name = f'foresail {command}: python -c "import typer, httpx"'
        yield Row(name, measure.ratio(found, command, "imports"), most=most, figures=told)


def pushes(folder: Path, person: dict[str, str], jobs: int, count: int) -> Row:
    """A file of jobs by the command line, against the same bytes sent to an endpoint that only parses them."""
    requests = [{"assets": [(job + asset) % 100 for asset in range(10)]} for job in range(jobs)]
    file, body = folder / "jobs.jsonl", folder / "body.json"
    file.write_text("".join(json.dumps(request) + "\n" for request in requests))
    body.write_text(json.dumps({"jobs": requests}))
    (folder / "bare.py").write_text(BARE)
    subprocess.run([FORESAIL, "queues", "create", "many"], env=person, stdout=subprocess.DEVNULL, check=True)
    submit = [FORESAIL, "jobs", "submit", "--file", str(file), "--queue", "1"]
    with served("bare:app", folder, {}) as bare:
        send = [sys.executable, "-c", SENDER, str(bare.join("/bare")), str(body)]
        calls = {"foresail jobs submit": lambda: seconds(submit, person), "bare httpx": lambda: seconds(send, person)}
        found = measure.rounds(calls, count)
    name = f"{jobs:,} jobs by the command line: the same bytes by a bare httpx script to an endpoint that parses them"
    return Row(name, measure.ratio(found, *found), most=3, figures=measure.figures(found, "ms", 1000))


if __name__ == "__main__":
    measure.main(rows, __doc__)
