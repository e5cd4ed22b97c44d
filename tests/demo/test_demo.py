"""`make demo` keeps its promise: real forecasts of real prices, a picture, four files, and nothing left running.

It is a copy of the demo that runs, for it writes beside itself: tests that run at the same time have one each.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from demo.running import foresail_local
from tests.signals import ignored, ignores_hang_ups
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
COMPANIES = ["AAPL", "JNJ", "JPM", "MSFT", "PEP", "WMT", "XOM"]


def _environment(process: Path) -> bytes:
    """The settings with which a process was started; nothing where it has just ended."""
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `python -m demo` is the copy."""
    folder = tmp_path_factory.mktemp("place")
    shutil.copytree(ROOT / "demo", folder / "demo", ignore=shutil.ignore_patterns("output"))
    return folder


@pytest.fixture
def output(place: Path) -> Path:
    return place / "demo" / "output"


def _left(output: Path) -> list[Path]:
    return [process for process in Path("/proc").glob("[0-9]*") if str(output).encode() in _environment(process)]


def _started(place: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "demo"], cwd=place, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    )


@pytest.fixture(scope="module")
def shown(place: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the demo prints, in an environment without any state."""
    # A log in anybody's own session would be taken for this one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FORESAIL_")}
    environment |= {"HOME": str(tmp_path_factory.mktemp("home")), "FORESAIL_TOKEN": "fs_of_another_session"}
    done = subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(300)
def test_it_shows_a_forecast_of_every_company_beside_the_naive_error(shown: str) -> None:
    for name in COMPANIES:
        assert re.search(rf"{name} +[\d.]+ +[\d.]+ … [\d.]+ +[\d.]+ … [\d.]+ +[\d.]+ +[\d.]+ +(yes|no)", shown)


@pytest.mark.timeout(300)
def test_every_job_is_done_by_two_ranks(shown: str, output: Path) -> None:
    assert shown
    run = json.loads((output / "export" / "queues.json").read_text())["runs"][0]
    assert (run["state"], run["jobs_done"], run["processes"]) == ("done", 301, 2)


@pytest.mark.timeout(300)
def test_the_picture_and_the_four_files_are_there(shown: str, output: Path) -> None:
    assert (output / "forecast.png").read_bytes().startswith(b"\x89PNG")
    for name in ("users", "masterdata", "results", "queues"):
        path = output / "export" / f"{name}.json"
        assert json.loads(path.read_text())
        assert path.name in shown


@pytest.mark.timeout(300)
def test_it_leaves_nothing_running(shown: str, output: Path) -> None:
    assert shown
    assert _left(output) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_leaves_nothing_running(number: signal.Signals, place: Path, output: Path) -> None:
    demo = _started(place)
    try:
        wait_until(lambda: _left(output), "the server starts")
        demo.send_signal(number)
        _, said = demo.communicate(timeout=60)
    finally:
        demo.kill()
    assert demo.returncode == 130
    assert b"nothing is left running" in said
    assert b"Traceback" not in said
    assert _left(output) == []


def test_below_nohup_it_outlives_its_terminal(place: Path, output: Path) -> None:
    with ignored(signal.SIGHUP):
        demo = _started(place)
    try:
        wait_until(lambda: _left(output), "the server starts")
        goes_on = ignores_hang_ups(demo.pid)
        demo.terminate()
        demo.communicate(timeout=60)
    finally:
        demo.kill()
    assert goes_on
    assert _left(output) == []


def test_a_signal_in_the_moment_of_the_start_leaves_nothing_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def start_and_be_interrupted(*words: Any, **options: Any) -> Any:
        begun.append(start(*words, **options))
        signal.raise_signal(signal.SIGINT)
        return begun[0]

    monkeypatch.setattr(subprocess, "Popen", start_and_be_interrupted)
    # Where the tests themselves run in the background of a shell, Ctrl-C is ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), foresail_local(tmp_path / "store", tmp_path):
            pytest.fail("it was interrupted before")
        assert begun[0].poll() is not None
    finally:
        signal.signal(signal.SIGINT, before)
        begun[0].kill()


@pytest.mark.timeout(300)
def test_it_says_what_to_type_next(shown: str) -> None:
    assert "make serve" in shown.rsplit("\n==", maxsplit=1)[-1]
