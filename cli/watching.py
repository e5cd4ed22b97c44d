"""A run as it goes: its states from the server's events, or by asking where events do not come through."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cli.errors import CliError, Refused
from cli.exits import Exit
from cli.output import Record
from cli.paths import RUNS, under
from cli.progress import bar
from cli.talk import say
from cli.times import age, span
from cli.waiting import poll

if TYPE_CHECKING:
    from cli.client import Client

ACTIVE = {"pending", "running"}


def watch(client: "Client", run: int) -> Record:
    """Follow a run with a bar until it is over; its last state. Raises CliError (Ctrl-C: says that the run goes on)."""
    last: Record = {}
    try:
        with bar(f"run {run}") as move:
            for last in states(client, run):
                finished = last["jobs_done"] + last["jobs_failed"]
                move(finished, last["jobs_total"], remark(last))
    except KeyboardInterrupt:
        say(f"run {run} goes on without being watched; `foresail runs stop {run}` stops it")
        raise
    return last


def states(client: "Client", run: int) -> Iterator[Record]:
    """The states of a run, the last one included."""
    try:
        for name, state in client.events(under(RUNS, run, "events")):
            if name == "progress":
                yield state
    except Refused as error:
        if error.code is not Exit.UNREACHABLE:
            raise
    except CliError:
        # A proxy that cuts long answers off must not end the watching.
        pass
    for state in poll(lambda: client.get(under(RUNS, run))):
        yield state
        if state["state"] not in ACTIVE:
            return


def remark(run: Record) -> str:
    """How far a run is, in words."""
    if run["state"] == "pending":
        return "waiting for its ranks"
    text = f"{run['jobs_done']} of {run['jobs_total']} jobs, {run['assets_done']} assets, {pace(run['rate'])} jobs/s"
    failed = f", {run['jobs_failed']} failed" if run["jobs_failed"] else ""
    return text + failed + _rest(run)


def pace(rate: float) -> str:
    """Jobs a second: a run of large ones does less than one."""
    return f"{rate:.0f}" if rate >= 10 else f"{rate:.2g}"


def outcome(run: Record) -> str:
    """How a run ended, in one sentence."""
    why = f": {run['reason']}" if run["reason"] else ""
    return f"run {run['id']} {run['state']}, {run['jobs_done']} jobs done, {run['jobs_failed']} failed{why}"


def check(run: Record) -> None:
    """Raises CliError where a run that was waited for did not end well."""
    if run["state"] != "done" or run["jobs_failed"]:
        raise CliError(outcome(run), Exit.UNSUCCESSFUL)
    say(outcome(run))


def _rest(run: Record) -> str:
    if run["state"] != "running" or not run["rate"]:
        return ""
    left = run["jobs_total"] - run["jobs_done"] - run["jobs_failed"]
    return f", {span(left / run['rate'])} left" if left > 0 else f", since {age(run['started'])}"
