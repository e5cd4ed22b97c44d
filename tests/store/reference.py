"""What queues promise, in plain Python: slow, small and without a store, to compare the real one with.

Each operation does what `services.store` documents and nothing else; refusals are the same errors.
"""

from dataclasses import dataclass, field

from services.config import RetentionSettings
from services.errors import ConflictError, NotFoundError, UnavailableError
from services.models import TERMINAL, TRANSITIONS, JobStatus
from services.store.pushes import SILENCE_SECONDS

DAY = 24 * 3600
QUEUED, IN_PROGRESS, DONE, FAILED = JobStatus.QUEUED, JobStatus.IN_PROGRESS, JobStatus.DONE, JobStatus.FAILED


@dataclass
class Job:
    """A job; `order` is its own place: (priority, the higher the earlier; place in the order of pushes)."""

    priority: int
    assets: int
    status: JobStatus = IN_PROGRESS
    queue: int | None = None
    order: tuple[int, int] = (0, 0)
    attempts: int = 0
    lease: int = 0
    deadline: float = 0
    died: float = 0
    ended: float | None = None
    result: bytes | None = None


@dataclass
class Queue:
    """A queue's policy and counters."""

    max_attempts: int
    paused: bool = False
    pushes: int = 0
    counters: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("enqueued", "claimed", "completed", "failed", "redelivered", "stale"), 0)
    )


@dataclass
class Push:
    """Jobs that are not there yet; `touched` is when their pusher was last heard of."""

    queue: int
    jobs: list[tuple[int, int]]
    touched: float


@dataclass
class Reference:
    """All queues and jobs. `now` is the time."""

    now: float = 1000
    queues: dict[int, Queue] = field(default_factory=dict)
    jobs: dict[int, Job] = field(default_factory=dict)
    pushes: dict[int, Push] = field(default_factory=dict)
    last_queue: int = 0
    last_job: int = 0
    last_lease: int = 0

    def ready(self, queue: int) -> list[int]:
        """Waiting jobs, the next first."""
        return sorted(self._of(queue, QUEUED), key=lambda i: self.jobs[i].order)

    def leased(self, queue: int) -> dict[int, float]:
        """Claimed jobs and when their lease runs out."""
        return {i: self.jobs[i].deadline for i in self._of(queue, IN_PROGRESS)}

    def dead(self, queue: int) -> list[int]:
        """Dead letters, the first to die first; the store orders those of one moment by their ids' text."""
        return sorted(self._of(queue, FAILED), key=lambda i: (self.jobs[i].died, str(i)))

    def assets(self, queue: int) -> int:
        """How many assets wait."""
        return sum(self.jobs[i].assets for i in (*self.ready(queue), *self.leased(queue)))

    def create_queue(self, max_attempts: int) -> int:
        self.last_queue += 1
        self.queues[self.last_queue] = Queue(max_attempts)
        return self.last_queue

    def delete_queue(self, queue: int) -> None:
        self._queue(queue)
        for i in (*self.ready(queue), *self.leased(queue), *self.dead(queue)):
            del self.jobs[i]
        del self.queues[queue]

    def create_job(self, priority: int, assets: int) -> int:
        self.last_job += 1
        self.jobs[self.last_job] = Job(priority, assets)
        return self.last_job

    def enqueue(self, queue: int, jobs: list[tuple[int, int]]) -> list[int]:
        self._queue(queue)
        ids = [self.create_job(*job) for job in jobs]
        self.requeue(queue, ids)
        return ids

    def begin_push(self, queue: int, jobs: list[tuple[int, int]]) -> int:
        self._queue(queue)
        first = self.last_job + 1
        self.last_job += len(jobs)
        self.pushes[first] = Push(queue, jobs, self.now)
        return first

    def commit_push(self, first: int) -> None:
        if first not in self.pushes:
            raise UnavailableError(f"push {first}")
        push = self.pushes[first]
        push.touched = float("-inf") if push.queue not in self.queues else push.touched
        self._queue(push.queue)
        del self.pushes[first]
        for i, job in enumerate(push.jobs, first):
            self.jobs[i] = Job(*job)
            self._push(push.queue, self.jobs[i])

    def tidy(self) -> int:
        """Give up silent pushes, and return jobs whose lease ran out."""
        self.pushes = {i: push for i, push in self.pushes.items() if push.touched > self.now - SILENCE_SECONDS}
        return sum([self.reap(queue) for queue in self.queues])

    def sweep(self, days: RetentionSettings) -> int:
        """Delete what has been over for long; returns how many jobs."""
        ended = [
            i for i, job in self.jobs.items() if job.ended is not None and self._past(job.ended, days.finished_days)
        ]
        dead = [i for queue in self.queues for i in self.dead(queue)]
        died = [i for i in dead if self._past(self.jobs[i].died, days.dead_letter_days)]
        for i in (*ended, *died):
            del self.jobs[i]
        return len(ended) + len(died)

    def requeue(self, queue: int, ids: list[int]) -> None:
        self._queue(queue)
        for i in ids:
            job = self._job(i)
            if job.queue is not None or job.status not in (IN_PROGRESS, FAILED):
                raise ConflictError(f"job {i}")
        for i in ids:
            self._push(queue, self.jobs[i])

    def claim(self, queue: int, most: int, seconds: float, piece: int, nap: float) -> tuple[int, list[int]]:
        """In pieces under one lease, asleep for `nap` seconds between them; each job is held once."""
        held = dict.fromkeys(taken := self._claim(queue, min(most, piece), seconds))
        for _ in range(piece, most, piece):
            if len(taken) < piece:
                break
            self.now += nap
            held |= dict.fromkeys(taken := self._claim(queue, min(most - len(held), piece), seconds))
        self.last_lease += bool(held)
        return self.last_lease if held else 0, list(held)

    def renew(self, lease: int, ids: list[int], seconds: float) -> set[int]:
        held = self._held(lease, ids)
        for i in held:
            self.jobs[i].deadline = self.now + seconds
        return set(ids) - set(held)

    def complete(self, queue: int, lease: int, results: dict[int, bytes | None]) -> set[int]:
        """A result for each job, or none where it is impossible."""
        held = self._held(lease, list(results))
        stale = set(results) - set(held)
        for i in held:
            if results[i] is None:
                self._bury(queue, self.jobs[i])
            else:
                self.jobs[i].lease, self.jobs[i].result = 0, results[i]
                self._end(self.jobs[i], DONE)
                self.queues[queue].counters["completed"] += 1
        if queue in self.queues:
            self.queues[queue].counters["stale"] += len(stale)
        return stale

    def release(self, lease: int, ids: list[int]) -> int:
        held = self._held(lease, list(dict.fromkeys(ids)))
        for i in held:
            self.jobs[i].attempts -= 1
            self._put_back(self.jobs[i])
        return len(held)

    def reap(self, queue: int) -> int:
        """Return jobs whose lease ran out, those first that ran out first."""
        expired = sorted((deadline, str(i)) for i, deadline in self.leased(queue).items() if deadline <= self.now)
        for _, i in expired:
            job = self.jobs[int(i)]
            if job.attempts >= self.queues[queue].max_attempts:
                self._bury(queue, job)
            else:
                self._put_back(job)
                self.queues[queue].counters["redelivered"] += 1
        return len(expired)

    def pull(self, queue: int) -> int:
        found = self._queue(queue)
        if found.paused:
            raise ConflictError(f"queue {queue}")
        self.reap(queue)
        if not self.ready(queue):
            raise NotFoundError(f"queue {queue}")
        first = self.ready(queue)[0]
        self.jobs[first].status, self.jobs[first].queue = IN_PROGRESS, None
        found.counters["claimed"] += 1
        return first

    def purge(self, queue: int) -> int:
        self._queue(queue)
        waiting = self.ready(queue)
        for i in waiting:
            del self.jobs[i]
        return len(waiting)

    def redrive(self, queue: int) -> int:
        self._queue(queue)
        dead = self.dead(queue)
        for i in dead:
            self.jobs[i].attempts = 0
            self._put_back(self.jobs[i])
        return len(dead)

    def pause(self, queue: int) -> None:
        self._queue(queue).paused = True

    def resume(self, queue: int) -> None:
        self._queue(queue).paused = False

    def set_status(self, i: int, status: JobStatus) -> None:
        job = self._job(i)
        if status not in TRANSITIONS[job.status] or (status == QUEUED and job.queue is None):
            raise ConflictError(f"job {i}")
        if status == QUEUED:
            job.attempts = 0 if job.status == FAILED else job.attempts
            self._put_back(job)
        else:
            job.queue, job.lease = None, 0
            self._end(job, status)

    def finish(self, i: int, result: bytes) -> None:
        job = self._job(i)
        if job.queue is not None or job.status != IN_PROGRESS:
            raise ConflictError(f"job {i}")
        job.result = result
        self._end(job, DONE)

    def delete_job(self, i: int) -> None:
        self._job(i)
        del self.jobs[i]

    def _claim(self, queue: int, most: int, seconds: float) -> list[int]:
        found = self._queue(queue)
        self.reap(queue)
        ids = [] if found.paused else self.ready(queue)[:most]
        for i in ids:
            job = self.jobs[i]
            job.status, job.lease, job.deadline = IN_PROGRESS, self.last_lease + 1, self.now + seconds
            job.attempts += 1
        found.counters["claimed"] += len(ids)
        return ids

    def _queue(self, queue: int) -> Queue:
        if queue not in self.queues:
            raise NotFoundError(f"queue {queue}")
        return self.queues[queue]

    def _job(self, i: int) -> Job:
        if i not in self.jobs:
            raise NotFoundError(f"job {i}")
        return self.jobs[i]

    def _of(self, queue: int, status: JobStatus) -> list[int]:
        return [i for i, job in self.jobs.items() if job.queue == queue and job.status == status]

    def _held(self, lease: int, ids: list[int]) -> list[int]:
        return [i for i in ids if lease and i in self.jobs and self.jobs[i].lease == lease]

    def _push(self, queue: int, job: Job) -> None:
        found = self.queues[queue]
        found.pushes += 1
        found.counters["enqueued"] += 1
        job.status, job.queue, job.order, job.attempts = QUEUED, queue, (-job.priority, found.pushes), 0
        job.ended = None

    def _put_back(self, job: Job) -> None:
        job.status, job.lease = QUEUED, 0

    def _bury(self, queue: int, job: Job) -> None:
        job.status, job.lease, job.died = FAILED, 0, self.now
        self.queues[queue].counters["failed"] += 1

    def _end(self, job: Job, status: JobStatus) -> None:
        job.status, job.ended = status, self.now if status in TERMINAL else None

    def _past(self, time: float, days: float) -> bool:
        return time <= self.now - days * DAY
