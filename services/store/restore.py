"""Writes dumped records into an empty store so that its promises hold, whatever moments the records are of.

A job's own record alone decides where the job is. Whoever held a lease is gone, so a claimed job waits again in its own
place; a run that was going on has failed, and so has a job that a service was calculating at once. A job that is done
and whose result is missing waits again too.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from services.models import ACTIVE_RUN, TERMINAL, JobStatus, RunState
from services.store import keys
from services.store.datasets import VALUE_BYTES, dataset_of
from services.store.dump import SEQUENCES, Fields
from services.store.job_records import is_calculated_at_once, place_of, waiting, was_forecast
from services.store.restorer import Restorer
from services.store.wire import Argument

LEASE_GAP = 10**9
"""Lease ids left out: a run that claimed after the export and is still alive must not hold what others claim now."""
_SEQUENCE_LIMIT = 2**48
"""Above it in a score stands the priority (lua/prelude.lua)."""
_CUT_OFF = "the store was restored from an export while it ran"
_BROKEN_OFF = "the store was restored from an export while it was calculated; submit it again"
_WAITS_AGAIN = "the store was restored from an export, so it waits in its old place again"
_ENDS_WITHOUT_RESULTS = "ends of jobs without their results: these wait again, or have failed where they have no queue"
_NO_RESULT = "the store was restored from an export without its result"


class Restore:
    """One restore up to `finish`: queues, jobs, results and those that are missing, runs and places.

    `dropped` counts, by reason, the records that fit nowhere. Raises ValueError or KeyError for a record that is none,
    ConflictError where another restore has begun meanwhile.
    """

    def __init__(self, restorer: Restorer) -> None:
        self._restorer = restorer
        self._store = restorer.store
        self._highest = dict.fromkeys(SEQUENCES, 0)
        self._in_queue: dict[int, list[int]] = {}
        self._values: dict[str, list[int]] = {}
        self.dropped: Counter[str] = Counter()

    async def users(self, page: Sequence[tuple[str, Fields]]) -> None:
        """Write users."""
        await self._write([("SADD", keys.USERS, name) for name, _ in page], [_hash(keys.user(n), f) for n, f in page])

    async def dataset(self, name: str, fields: Fields) -> None:
        """Write a dataset; its values follow in pieces."""
        found = dataset_of(name, fields)
        self._values[name] = [found.series * found.steps * VALUE_BYTES, 0]
        self._see("datasets", found.version)
        await self._write([("SADD", keys.DATASETS, name), _hash(keys.dataset(name), fields)])

    async def values(self, name: str, piece: bytes) -> None:
        """Append to the values of a dataset that is written."""
        self._values[name][1] += len(piece)
        await self._write([("APPEND", keys.dataset_values(name), piece)])

    def check_values(self) -> None:
        """Raises ValueError where a dataset has not as many values as its steps and assets need."""
        for name, (needed, there) in self._values.items():
            if needed != there:
                raise ValueError(f"the values of dataset {name} have {there} bytes, and its shape needs {needed}")

    def dataset_version(self, version: int) -> None:
        """A version that a dataset had, be it deleted or not."""
        self._see("datasets", version)

    async def queues(self, page: Sequence[tuple[int, Fields]]) -> None:
        """Write queues, which no run drains now; how many assets wait follows from their jobs."""
        for index, fields in page:
            kept = {name: value for name, value in fields.items() if name not in ("run", "assets")}
            self._in_queue[index] = [int(fields.get("sequence", 0)), 0]
            self._see("queues", index)
            await self._write(
                [("HSET", keys.QUEUE_NAMES, fields["name"], index), ("ZADD", keys.QUEUES, index, index)],
                [_hash(keys.queue(index), kept)],
            )

    async def jobs(self, page: Sequence[tuple[int, Fields]]) -> None:
        """Write jobs, each into the place that its record says."""
        commands: list[Sequence[Argument]] = []
        for job_id, fields in page:
            self._see("jobs", job_id)
            if fields.get("queue") and place_of(fields) and int(fields["queue"]) not in self._in_queue:
                self.dropped["jobs of a queue that was deleted"] += 1
                continue
            commands += self._job(job_id, fields)
        await self._write(commands)

    async def results(self, page: Sequence[tuple[int, bytes]]) -> None:
        """Write the results of jobs that are done; any other job is forecast once more."""
        done = await self._done([job_id for job_id, _ in page])
        await self._write([("SET", keys.result(job_id), packed) for job_id, packed in page if job_id in done])
        self.dropped["results of jobs that were not done yet or deleted"] += len(page) - len(done)

    async def results_missing(self, page: Sequence[tuple[int, Fields]]) -> None:
        """Take back the end of jobs whose results were not written; what is not there has none to take back."""
        forecast = [(job_id, fields) for job_id, fields in page if was_forecast(fields)]
        asked = [q for job_id, _ in forecast for q in (("EXISTS", keys.result(job_id)), ("ZSCORE", keys.JOBS, job_id))]
        found = await self._store.commands(asked)
        looked = zip(forecast, found[::2], found[1::2], strict=True)
        missing = [job for job, result, listed in looked if listed is not None and not result]
        await self._write(*(self._not_done(job_id, fields) for job_id, fields in missing))
        self.dropped[_ENDS_WITHOUT_RESULTS] += len(missing)

    async def places(self, ids: Sequence[int]) -> None:
        """Count the jobs that stood in a queue and have no record."""
        scores = await self._store.commands([("ZSCORE", keys.JOBS, job_id) for job_id in ids])
        self.dropped["jobs that were pushed or deleted during the export"] += scores.count(None)
        await self._write()

    async def runs(self, page: Sequence[tuple[int, Fields]]) -> None:
        """Write runs; those that were going on have failed, at their last heartbeat."""
        commands: list[Sequence[Argument]] = []
        for run_id, fields in page:
            self._see("runs", run_id)
            commands += [("ZADD", keys.RUNS, run_id, run_id), _hash(keys.run(run_id), fields)]
            if RunState(fields["state"]) in ACTIVE_RUN:
                commands += _failed(run_id, fields)
            else:
                commands.append(("ZADD", keys.FINISHED_RUNS, fields["finished"], run_id))
        await self._write(commands)

    async def run_jobs(self, run_id: int, ids: Sequence[int]) -> None:
        """Append to the jobs that a run finished; those that are not done are forecast once more."""
        done = await self._done(ids)
        if kept := [job_id for job_id in ids if job_id in done]:
            await self._write([("RPUSH", keys.run_jobs(run_id), *kept)])

    async def run_totals(self, fields: Mapping[str, str]) -> None:
        """Write the totals of ended runs, before the runs."""
        if fields:
            await self._write([_hash(keys.RUN_TOTALS, fields)])

    async def finish(self, sequences: Mapping[str, int], identity: str) -> None:
        """Let every sequence go on above the old one, give the store its old name, and open it for work."""
        last = {name: max(seen, sequences.get(name, 0)) for name, seen in self._highest.items()}
        last["leases"] += LEASE_GAP
        commands: list[Sequence[Argument]] = [("SET", SEQUENCES[name], value) for name, value in last.items() if value]
        for index, (sequence, assets) in self._in_queue.items():
            commands += [("HSET", keys.queue(index), "sequence", sequence, "assets", assets)] if sequence else []
        await self._write(commands, [("HSET", keys.EXPORT, "store", identity)])
        await self._restorer.open()

    def _job(self, job_id: int, fields: Fields) -> list[Sequence[Argument]]:
        """The commands that write a job."""
        place, queue = place_of(fields), fields["queue"]
        self._see("leases", int(fields.get("lease") or 0))
        commands: list[Sequence[Argument]] = [("ZADD", keys.JOBS, job_id, job_id)]
        commands.append(("ZADD", keys.jobs_of(fields["owner"]), job_id, job_id))
        if place:
            held = self._in_queue[int(queue)]
            held[0] = max(held[0], int(fields["score"]) % _SEQUENCE_LIMIT)
            held[1] += int(fields["size"]) if place != keys.DEAD else 0
        if place == keys.LEASED:
            fields, place = waiting(fields, _WAITS_AGAIN), keys.READY
        elif is_calculated_at_once(fields):
            fields = {**fields, "status": JobStatus.FAILED, "reason": _BROKEN_OFF}
        if place:
            score = fields["score"] if place == keys.READY else fields["updated"]
            # As the scripts do: a waiting job's score stands in its queue alone.
            fields = {name: value for name, value in fields.items() if name != "score" or place != keys.READY}
            commands.append(("ZADD", keys.QUEUE + queue + place, score, job_id))
        elif JobStatus(fields["status"]) in TERMINAL:
            commands.append(("ZADD", keys.FINISHED_JOBS, fields["updated"], job_id))
        return [*commands, _hash(keys.job(job_id), fields)]

    def _not_done(self, job_id: int, fields: Fields) -> list[Sequence[Argument]]:
        """The commands that take the end of a job back."""
        if not fields["queue"] or int(fields["queue"]) not in self._in_queue:
            return [_hash(keys.job(job_id), {"status": JobStatus.FAILED, "queue": "", "reason": _NO_RESULT})]
        undone: list[Sequence[Argument]] = [("ZREM", keys.FINISHED_JOBS, job_id), ("HDEL", keys.job(job_id), "score")]
        return [*undone, *self._job(job_id, waiting(fields, _NO_RESULT))]

    def _see(self, sequence: str, number: int) -> None:
        if number < 0:
            raise ValueError(f"{number} is no id")
        self._highest[sequence] = max(self._highest[sequence], number)

    async def _done(self, ids: Sequence[int]) -> frozenset[int]:
        answers = await self._store.commands([("HGET", keys.job(job_id), "status") for job_id in ids])
        return frozenset(i for i, status in zip(ids, answers, strict=True) if status == JobStatus.DONE.encode())

    async def _write(self, *parts: Sequence[Sequence[Argument]]) -> None:
        """Write, or at least give a sign of life."""
        await self._restorer.write([command for part in parts for command in part])


def _failed(run_id: int, fields: Fields) -> list[Sequence[Argument]]:
    """The commands that end a run, as lua/end_run.lua does."""
    finished = fields.get("heartbeat") or fields["created"]
    seconds = max(0.0, float(finished) - float(fields["created"]))
    return [
        ("HSET", keys.run(run_id), "state", RunState.FAILED, "finished", finished, "reason", _CUT_OFF),
        ("ZADD", keys.FINISHED_RUNS, finished, run_id),
        ("HINCRBY", keys.RUN_TOTALS, f"{RunState.FAILED}:count", 1),
        ("HINCRBYFLOAT", keys.RUN_TOTALS, f"{RunState.FAILED}:seconds", f"{seconds:.6f}"),
    ]


def _hash(key: str, fields: Mapping[str, str]) -> tuple[Argument, ...]:
    return ("HSET", key, *(word for pair in fields.items() for word in pair))
