"""Waiting until jobs are finished: one by its id, thousands by the list of jobs."""

import functools
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.errors import CliError
from cli.exits import Exit
from cli.output import Record
from cli.paths import ACCESS, JOBS, under
from cli.progress import Move, bar
from cli.talk import say
from cli.waiting import Limit, poll

if TYPE_CHECKING:
    from cli.client import Client

FINISHED = {"done", "failed", "cancelled"}


def settle(client: "Client", job: int, limit: Limit) -> Record:
    """Wait for one job; its last state. Raises CliError when the time is up."""
    last: Record = {}
    stays = f"job {job} stays where it is; `foresail jobs wait {job}` waits again"
    with _watched(client, f"job {job}", limit, stays) as move:
        for last in poll(lambda: client.get(under(JOBS, job)), limit, f"job {job}"):
            if last["status"] in FINISHED:
                break
            place = "" if last["position"] is None else f", {last['position']} before it"
            move(0, 0, last["status"] + place)
    return last


def known(client: "Client", jobs: list[int], limit: Limit) -> None:
    """Raises CliError where one of the jobs does not exist, which is told before any is waited for."""
    for job in jobs:
        with client.until(limit.end):
            next(poll(functools.partial(client.get, under(JOBS, job)), limit, f"job {job}"))


def check(ended: list[Record]) -> None:
    """Raises CliError where one of the finished jobs is not done."""
    bad = [
        f"job {job['id']} {job['status']}" + (f": {job['reason']}" if job["reason"] else "")
        for job in ended
        if job["status"] != "done"
    ]
    if bad:
        raise CliError("; ".join(bad), Exit.UNSUCCESSFUL)


def settle_all(client: "Client", first: int, last: int, limit: Limit) -> Counter[str]:
    """Wait for the jobs from id `first` to `last` that are one's own; how many ended in which way."""
    owner = functools.cache(lambda: str(client.get(ACCESS, service="masterdata")["user"]))
    count, them = last - first + 1, f"jobs {first} to {last}"
    counts: Counter[str] = Counter()
    with _watched(client, them, limit, f"{them} stay where they are; `foresail jobs list` shows them") as move:
        for counts in poll(lambda: statuses(client, owner(), first, last), limit, f"one of the {them}"):
            finished = sum(counts[status] for status in FINISHED | {"deleted"})
            move(finished, count, _told(counts))
            if finished == count:
                break
    return counts


def statuses(client: "Client", owner: str, first: int, last: int) -> Counter[str]:
    """How many of these jobs have which status; those that are gone count as deleted."""
    counts: Counter[str] = Counter()
    for job in client.pages(JOBS, owner=owner):
        if job["id"] < first:
            break
        counts[job["status"]] += job["id"] <= last
    counts["deleted"] = last - first + 1 - counts.total()
    return +counts


def check_all(counts: Counter[str]) -> None:
    """Say how the jobs ended. Raises CliError where one is not done."""
    if set(counts) != {"done"}:
        raise CliError(f"not all jobs are done: {_told(counts)}", Exit.UNSUCCESSFUL)
    say(f"all jobs are done: {_told(counts)}")


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))


@contextmanager
def _watched(client: "Client", what: str, limit: Limit, stays: str) -> Iterator[Move]:
    """A bar while something is waited for; who interrupts that is told that it `stays`."""
    try:
        with bar(what) as move, client.until(limit.end):
            yield move
    except KeyboardInterrupt:
        say(stays)
        raise
