"""The main job of Foresail from nothing to a forecast, on real prices; it leaves nothing running.

Every step is a command that you could type yourself; it is shown before it is run.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from demo.inputs import jobs_file, prices_file
from demo.running import SIGNALS, DemoError, foresail_local

HERE = Path(__file__).resolve().parent
OUTPUT = HERE / "output"
FORESAIL = Path(sys.executable).with_name("foresail")
PASSWORDS = {"admin": "admin", "mia": "mia's own password", "emil": "emil's own password"}


def main() -> int:
    """Run the demo and return its exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup's wish
            signal.signal(number, _interrupt)
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
    with tempfile.TemporaryDirectory(prefix="fs-") as folder:
        try:
            _show(Path(folder))
        except DemoError as failure:
            say(str(failure))
            return 1
        except KeyboardInterrupt:
            say("interrupted; nothing is left running")
            return 130
    _files()
    say("Next, to keep it up for your own work:")
    for command in ("make serve", ".venv/bin/foresail login --user admin", ".venv/bin/foresail shell"):
        print(f"    {command}")
    return 0


def _interrupt(_signal: int, _frame: object) -> None:
    """End like Ctrl-C, once: a second signal must not leave the server behind."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _show(folder: Path) -> None:
    title("Start the store, the four services and the exporter, each on a free port")
    with foresail_local(folder, OUTPUT) as url:
        os.environ |= {"FORESAIL_URL": url, "FORESAIL_CONFIG_HOME": str(folder / "cli")}
        os.environ.pop("FORESAIL_TOKEN", None)
        _people()
        _work()
        _look()


def _people() -> None:
    title("An admin adds a manager and an employee")
    foresail("--context", "admin", "login", "--user", "admin", "--password-stdin", stdin=PASSWORDS["admin"])
    for name, role in (("mia", "manager"), ("emil", "employee")):
        foresail("--context", "admin", "users", "add", name, role, "--password-stdin", stdin=PASSWORDS[name])
        foresail("--context", name, "login", "--user", name, "--password-stdin", stdin=PASSWORDS[name])


def _work() -> None:
    title("The employee uploads three years of daily prices of 20 companies; the manager makes a queue")
    prices_file(OUTPUT / "prices.csv")
    foresail("--context", "emil", "datasets", "upload", str(OUTPUT / "prices.csv"))
    foresail("--context", "mia", "queues", "create", "daily")
    title("The employee submits some hundred jobs in one request; the manager drains the queue on two ranks")
    jobs_file(OUTPUT / "jobs.csv")
    foresail("--context", "emil", "jobs", "submit", "--file", str(OUTPUT / "jobs.csv"), "--queue", "1")
    foresail("--context", "mia", "runs", "start", "--queue", "1", "--processes", "2", "--wait")


def _look() -> None:
    title("The employee reads a job's forecasts, each beside the error of the naive forecast, and draws one")
    foresail("--context", "emil", "jobs", "results", "1")
    picture = str(OUTPUT / "forecast.png")
    foresail("--context", "emil", "plot", "1", "--asset", "AAPL", "--save", picture)
    foresail("--context", "emil", "plot", "1", "--asset", "AAPL")


def _files() -> None:
    title("What the exporter wrote, and the picture")
    for path in [*sorted((OUTPUT / "export").glob("*.json")), OUTPUT / "forecast.png"]:
        print(f"    {path.stat().st_size:>9,} bytes  {path.relative_to(HERE.parent)}")
    print()


def foresail(*words: str, stdin: str = "") -> None:
    """Show a command of the CLI and run it; raises DemoError where it fails."""
    print(f"\033[1m$ foresail {shlex.join(words)}\033[0m" if sys.stdout.isatty() else f"$ foresail {shlex.join(words)}")
    sys.stdout.flush()
    done = subprocess.run([FORESAIL, *words], input=stdin or None, text=True, check=False)
    if done.returncode:
        raise DemoError(f"this command ended with {done.returncode}; the demo stops here")


def title(text: str) -> None:
    """Announce a step."""
    print(f"\n== {text}", flush=True)


def say(text: str) -> None:
    """Tell something that is not data."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
