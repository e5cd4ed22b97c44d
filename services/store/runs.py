"""Runs: start, report progress, stop, end; the store's record is all that any replica needs."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from services.errors import NotFoundError
from services.models import Run, RunState
from services.store import keys
from services.store.connection import Store
from services.store.paging import full
from services.store.records import optional_float, text_hash


async def start(store: Store, queue: int, owner: str, processes: int, silence_seconds: float) -> int:
    """Record a pending run that holds its queue and return its id.

    A run silent for `silence_seconds` is ended first. Raises NotFoundError, or ConflictError where another drains it.
    """
    return int(await store.call("start_run", queue, owner, processes, silence_seconds))


async def begin(store: Store, run_id: int, hosts: Sequence[str], program: str) -> int:
    """The run's program has started, and the run is its own from now on; returns how many jobs wait.

    By its random word, the program may say so again after a lost answer. Raises ConflictError where the run is not
    pending.
    """
    return int(await store.call("begin_run", run_id, ",".join(hosts), program))


async def note(store: Store, run_id: int, reason: str) -> bool:
    """Say for what a pending run waits, and that somebody looks after it; false where it is not pending any more."""
    return bool(await store.call("note_run", run_id, reason))


async def beat(store: Store, run_id: int) -> Literal["go", "stop", "lost"]:
    """Say that the run is alive, and learn whether it shall go on."""
    answer: Literal["go", "stop", "lost"] = (await store.call("beat_run", run_id)).decode()
    return answer


async def end(store: Store, run_id: int, state: RunState, reason: str = "") -> bool:
    """The run is over and its queue is free; false where it was over already."""
    return bool(await store.call("end_run", run_id, state, reason))


async def end_silent(store: Store, run: Run, reason: str) -> bool:
    """The run has failed, unless it was heard of since `run` was read; false where it was, or was over already."""
    return bool(await store.call("end_silent_run", run.id, repr(run.heartbeat or run.created), reason))


async def request_stop(store: Store, run_id: int) -> None:
    """Ask the run to stop; raises NotFoundError, or ConflictError where it is over."""
    await store.call("stop_run", run_id)


async def get(store: Store, run_id: int) -> Run:
    """The run; raises NotFoundError."""
    found = await get_many(store, [run_id])
    if not found:
        raise NotFoundError(f"there is no run {run_id}")
    return found[0]


async def page(store: Store, before: int | None, limit: int) -> list[Run]:
    """The newest runs with an id below `before`, newest first."""

    async def read(before: int | None, wanted: int) -> tuple[list[int], list[Run]]:
        newest = "+inf" if before is None else f"({before}"
        found = await store.command("ZRANGE", keys.RUNS, newest, "-inf", "BYSCORE", "REV", "LIMIT", 0, wanted)
        ids = [int(run_id) for run_id in found]
        return ids, await get_many(store, ids)

    return await full(limit, before, read)


async def active(store: Store) -> list[Run]:
    """All runs that are not over."""
    return await get_many(store, sorted(int(run_id) for run_id in await store.command("SMEMBERS", keys.ACTIVE_RUNS)))


async def get_many(store: Store, ids: Collection[int]) -> list[Run]:
    """The runs of `ids` that exist, in that order."""
    answers = await store.commands([("HGETALL", keys.run(run_id)) for run_id in ids])
    return [run_of(run_id, text_hash(answer)) for run_id, answer in zip(ids, answers, strict=True) if answer]


async def finished_jobs(store: Store, run_id: int, after: int, limit: int) -> list[int]:
    """Ids of the jobs that the run finished, in order, from position `after` on."""
    ids = await store.command("LRANGE", keys.run_jobs(run_id), after, after + limit - 1)
    return [int(job_id) for job_id in ids]


async def totals(store: Store) -> dict[RunState, tuple[int, float]]:
    """Ended runs by state: how many, and their seconds together."""
    fields = text_hash(await store.command("HGETALL", keys.RUN_TOTALS))
    ended = (RunState.DONE, RunState.FAILED, RunState.STOPPED)
    return {s: (int(fields.get(f"{s}:count", 0)), float(fields.get(f"{s}:seconds", 0))) for s in ended}


def run_of(run_id: int, fields: Mapping[str, str]) -> Run:
    """The run of a record; raises ValueError or KeyError for what is none."""
    counters = ("jobs_total", "jobs_done", "jobs_failed", "assets_total", "assets_done")
    return Run(
        id=run_id,
        queue=int(fields["queue"]),
        state=RunState(fields["state"]),
        owner=fields["owner"],
        processes=int(fields["processes"]),
        created=float(fields["created"]),
        started=optional_float(fields, "started"),
        finished=optional_float(fields, "finished"),
        heartbeat=optional_float(fields, "heartbeat"),
        hosts=tuple(host for host in fields.get("hosts", "").split(",") if host),
        reason=fields.get("reason", ""),
        stop_requested="stop_requested" in fields,
        **{name: int(fields.get(name, 0)) for name in counters},
    )
