"""The words of Foresail as types: statuses, roles, scopes and records, with the table of legal transitions.

Nothing here knows of a store, of HTTP or of MPI, so every part of the system may import it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

LEVELS: tuple[int, ...] = (80, 95)
"""Levels in percent of the prediction intervals that every forecast carries."""

MARKET = "market"
"""Name of the built-in dataset; nobody can replace or delete it."""


class JobStatus(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    """Waits in a queue."""
    IN_PROGRESS = "in progress"
    """In no queue and not finished (the default), or claimed by a run."""
    DONE = "done"
    """Finished; a result may be stored."""
    FAILED = "failed"
    """Attempts spent, or impossible; `reason` says why."""
    CANCELLED = "cancelled"
    """Stopped on request."""


TRANSITIONS: Mapping[JobStatus, frozenset[JobStatus]] = {
    JobStatus.QUEUED: frozenset({JobStatus.IN_PROGRESS, JobStatus.CANCELLED}),
    JobStatus.IN_PROGRESS: frozenset({JobStatus.QUEUED, JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED}),
    JobStatus.FAILED: frozenset({JobStatus.QUEUED, JobStatus.CANCELLED}),
    JobStatus.DONE: frozenset(),
    JobStatus.CANCELLED: frozenset(),
}
"""From each status, the statuses that a job may take next; anything else is a conflict."""

TERMINAL = frozenset({JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED})
"""Statuses in which nothing will happen to a job by itself."""


class QueueState(StrEnum):
    """Whether a queue hands out jobs."""

    OPEN = "open"
    PAUSED = "paused"
    """Takes jobs but hands none out."""


class RunState(StrEnum):
    """Where a run stands."""

    PENDING = "pending"
    """Asked for; its ranks have not started yet."""
    RUNNING = "running"
    DONE = "done"
    """The queue is drained."""
    FAILED = "failed"
    """Ended early; `reason` says why. Its leases bring its jobs back."""
    STOPPED = "stopped"
    """Ended on request; its jobs are back in the queue."""


ACTIVE_RUN = frozenset({RunState.PENDING, RunState.RUNNING})
"""States in which a run holds its queue."""


class Role(StrEnum):
    """A named set of scopes that a user has."""

    ADMIN = "admin"
    MANAGER = "manager"
    EMPLOYEE = "employee"


class Scope(StrEnum):
    """One thing that a subject may do."""

    USERS = "users"
    """See, create, change and delete users, and see and end their tokens."""
    JOBS_OWN = "jobs:own"
    """Submit jobs; see, change and delete one's own, and their results."""
    JOBS_ALL = "jobs:all"
    """The same for everybody's jobs, what waits in a queue, and the results of a whole run."""
    QUEUES_READ = "queues:read"
    """See queues and how much waits in them."""
    QUEUES_WRITE = "queues:write"
    """Create, delete, pause and purge queues, pull jobs, redrive dead letters."""
    RUNS_READ = "runs:read"
    """See runs and their progress."""
    RUNS_WRITE = "runs:write"
    """Start and stop runs."""
    DATASETS_READ = "datasets:read"
    """See every dataset."""
    DATASETS_OWN = "datasets:own"
    """Upload datasets; replace and delete one's own."""
    DATASETS_ALL = "datasets:all"
    """Replace and delete everybody's datasets."""
    SYSTEM = "system"
    """See the state of the installation (settings of the store, invariants, age of the export), and who did what."""


_EMPLOYEE = frozenset(
    {Scope.JOBS_OWN, Scope.QUEUES_READ, Scope.RUNS_READ, Scope.DATASETS_READ, Scope.DATASETS_OWN},
)
_MANAGER = _EMPLOYEE | {
    Scope.JOBS_ALL,
    Scope.QUEUES_WRITE,
    Scope.RUNS_WRITE,
    Scope.DATASETS_ALL,
}
ROLE_SCOPES: Mapping[Role, frozenset[Scope]] = {
    Role.EMPLOYEE: _EMPLOYEE,
    Role.MANAGER: _MANAGER,
    Role.ADMIN: frozenset(Scope),
}
"""What each role may do: the only table of permissions."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a token speaks for."""

    user: str
    role: Role
    token_id: str

    @property
    def scopes(self) -> frozenset[Scope]:
        """What the subject may do, by its role."""
        return ROLE_SCOPES[self.role]


@dataclass(frozen=True, slots=True)
class User:
    """Someone who can log in. Times are UTC seconds since the epoch, here and in every other record."""

    name: str
    role: Role
    password_hash: str
    created: float
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """An issued bearer token; `id` is the start of the SHA-256 of the token, which itself is never stored."""

    id: str
    user: str
    issued: float
    last_used: float
    expires: float


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What a job asks for. `assets` are indices into the dataset's series."""

    dataset: str
    assets: tuple[int, ...]
    model: str
    horizon: int
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """A request to forecast some assets, and how far it has come."""

    id: int
    owner: str
    spec: JobSpec
    status: JobStatus
    queue: int | None
    created: float
    updated: float
    attempts: int = 0
    reason: str = ""
    run: int | None = None
    position: int | None = None
    """Jobs ahead of this one in its queue, where it waits in one."""


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job handed out under a lease: just what a run needs to know of it."""

    id: int
    spec: JobSpec
    attempts: int
    created: float


@dataclass(frozen=True, slots=True)
class Queue:
    """A FIFO of jobs: its policy, its depth and its counters."""

    index: int
    name: str
    state: QueueState
    created: float
    max_attempts: int
    ready: int
    leased: int
    dead: int
    oldest: float | None
    """When the job at the head was created; none where nothing waits."""
    enqueued: int
    claimed: int
    completed: int
    failed: int
    redelivered: int
    stale: int
    run: int | None
    """The run that drains the queue now."""


@dataclass(frozen=True, slots=True)
class Run:
    """One draining of one queue by one MPI program."""

    id: int
    queue: int
    state: RunState
    owner: str
    processes: int
    created: float
    started: float | None = None
    finished: float | None = None
    heartbeat: float | None = None
    jobs_total: int = 0
    """Jobs that waited when the run started or were pushed since."""
    jobs_done: int = 0
    jobs_failed: int = 0
    assets_total: int = 0
    assets_done: int = 0
    hosts: tuple[str, ...] = ()
    reason: str = ""
    stop_requested: bool = False

    @property
    def rate(self) -> float:
        """Jobs finished a second since the start; 0 before the first."""
        end = self.finished or self.heartbeat
        if self.started is None or end is None or end <= self.started:
            return 0.0
        return (self.jobs_done + self.jobs_failed) / (end - self.started)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A named panel of time series."""

    name: str
    owner: str
    version: int
    steps: int
    assets: tuple[str, ...]
    """Names of the series; an asset is an index into them."""
    created: float
    season_length: int = 1
    bounds: tuple[float, float] | None = None
    """Values never leave these, and so no forecast does."""
    first: str = ""
    """Stamp of the first step, as it was uploaded; empty for the built-in dataset."""
    last: str = ""
    renamed: float = 0.0
    """When places of the assets last changed: jobs from before mean others. Zero for the built-in dataset."""
    renamed_version: int = 0
    """The first version with the places of today: forecasts of earlier ones are of other assets."""

    @property
    def series(self) -> int:
        """How many assets there are."""
        return len(self.assets)

    def lack(self, assets: Sequence[int]) -> str:
        """Why there is no series of one of these assets; empty where each has one."""
        last = max(assets)
        if last < self.series:
            return ""
        return (
            f"dataset {self.name} (version {self.version}) has {self.series} series, and asset {last} is not among them"
        )
