"""foresail doctor: is everything as it should be, and if not, what is wrong."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import typer

from cli.answers import stranger
from cli.errors import CliError
from cli.exits import Exit
from cli.output import Column, Output, OutputOption, Record, show
from cli.paths import ACCESS, DIAGNOSIS, RUNNER
from cli.target import Target, missing, target

if TYPE_CHECKING:
    from cli.client import Client

COLUMNS = (Column("check", "check"), Column("state", "state"), Column("what was found", "found"))
# One cheap request to each service, which reads the store for it.
SERVICES = {
    "auth": "/auth?service=auth",
    "masterdata": "/masterdata/datasets?limit=1",
    "queueing": "/queueing/queues?limit=1",
    "calculations": "/calculations/runs?limit=1",
}
MOST_SKEW, MOST_EXPORT_AGE = 60, 30


def doctor(ctx: typer.Context, output: OutputOption = Output.TABLE) -> None:
    """Check the server, each service, the session and, for admins, the store, the jobs and the export."""
    place = target(ctx)
    with place.anonymous() as client:
        found = list(checks(client, place))
    show([{name: one[name] for name in ("check", "state", "found")} for one in found], COLUMNS, output)
    bad = [one for one in found if one["state"] == "bad"]
    if bad:
        code = next((one["code"] for one in bad if one["code"] is not Exit.REFUSED), Exit.REFUSED)
        raise CliError(f"{len(bad)} of {len(found)} checks failed: {', '.join(one['check'] for one in bad)}", code)


def checks(client: "Client", place: Target) -> Iterator[Record]:
    """Every check with its state (good, bad, skipped) and what was found; what cannot be checked is left out."""
    reached = _try("server", partial(_server, client))
    yield reached
    if reached["state"] == "bad":
        return
    if not place.token:
        yield _line("session", "bad", missing(place.url), Exit.FORBIDDEN)
        return
    session = _try("session", partial(_session, client))
    yield session
    if session["state"] == "bad":
        return
    for name, path in SERVICES.items():
        yield _try(name, partial(_answers, client, path))
    yield from _diagnosis(client)


def _server(client: "Client") -> str:
    answer = client.head("/readyz")
    # Behind an ingress only the services' own paths are shown; each of them is checked below.
    if answer.status_code != 404 and not answer.is_success:
        from cli.refusals import refusal

        raise refusal(answer)
    try:
        skew = _skew(answer.headers.get("Date"))
    except (ValueError, OverflowError) as error:
        raise stranger(client.url) from error
    if skew > MOST_SKEW:
        raise CliError(f"the clocks of {client.url} and of this machine differ by {skew:.0f} s")
    return f"{client.url} answers"


def _skew(stamp: str | None) -> float:
    """Seconds between a server's clock, as it dates an answer, and this machine's."""
    from email.utils import parsedate_to_datetime

    return abs(parsedate_to_datetime(stamp).timestamp() - time.time()) if stamp else 0


def _session(client: "Client") -> str:
    me = client.get(ACCESS)
    return f"{me['user']} ({me['role']})"


def _answers(client: "Client", path: str) -> str:
    client.get(path)
    return "answers"


def _diagnosis(client: "Client") -> Iterator[Record]:
    try:
        found = client.get(DIAGNOSIS)
        lines = [
            _listed("store", found["problems"], _settings(found["store"])),
            _listed("jobs", found["violations"], _places(found["jobs"], found["jobs_checked"])),
            _export(found["export"]["age_seconds"]),
        ]
    except CliError as error:
        skipped = error.code is Exit.FORBIDDEN
        text = "only for admins" if skipped else error.message
        yield _line("diagnosis", "skipped" if skipped else "bad", text, error.code)
        return
    yield from lines
    yield _try("runner", partial(_runner, client))


def _runner(client: "Client") -> str:
    found = client.get(RUNNER)
    if found["problem"]:
        raise CliError(f"runs cannot be started: {found['problem']}")
    return str(found["runner"])


def _export(age: float | None) -> Record:
    if age is None:
        return _line("export", "bad", "nothing is exported: is the exporter running?")
    return _line("export", "good" if age <= MOST_EXPORT_AGE else "bad", f"{age:.0f} s behind the store")


def _listed(check: str, wrong: list[str], right: str) -> Record:
    return _line(check, "bad" if wrong else "good", "; ".join(wrong) or right)


def _places(known: int, checked: int) -> str:
    return "every job is in its place" if checked == known else f"the newest {checked} of {known} are in their places"


def _settings(values: Record) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _try(check: str, ask: Callable[[], str]) -> Record:
    try:
        return _line(check, "good", ask())
    except CliError as error:
        return _line(check, "bad", error.message, error.code)


def _line(check: str, state: str, found: str, code: Exit = Exit.REFUSED) -> Record:
    return {"check": check, "state": state, "found": found, "code": code}
