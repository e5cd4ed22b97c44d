"""Every key of the store is built here; the Lua scripts get the same names through `lua_table`.

One installation lives in one Redis database: its atomic steps span users, jobs and queues, so no Redis Cluster.
"""

PREFIX = "foresail:"

USERS = f"{PREFIX}users"
"""Set of user names."""
JOBS = f"{PREFIX}jobs"
"""Sorted set of all jobs by id."""
JOB_SEQUENCE = f"{PREFIX}job-sequence"
"""The last job id given out."""
FINISHED_JOBS = f"{PREFIX}finished-jobs"
"""Sorted set of the jobs that are over and in no queue (done, cancelled, failed by hand) by when that happened."""
AT_ONCE = f"{PREFIX}at-once"
"""Sorted set of the jobs that were calculated at once and not finished, by when that should be over."""
QUEUES = f"{PREFIX}queues"
"""Sorted set of queues by index."""
QUEUES_DELETING = f"{PREFIX}queues:deleting"
"""Set of queues that are gone for everyone and whose jobs are being deleted in pieces."""
QUEUE_NAMES = f"{PREFIX}queue-names"
"""Hash of queue name to index."""
QUEUE_SEQUENCE = f"{PREFIX}queue-sequence"
"""The last queue index given out; an index is never used again."""
RUNS = f"{PREFIX}runs"
"""Sorted set of runs by id."""
ACTIVE_RUNS = f"{PREFIX}active-runs"
"""Set of the runs that are not over."""
FINISHED_RUNS = f"{PREFIX}finished-runs"
"""Sorted set of the runs that are over by when they ended."""
RUN_SEQUENCE = f"{PREFIX}run-sequence"
RUN_TOTALS = f"{PREFIX}run-totals"
"""Hash of counts and seconds of ended runs by state, for the metrics."""
LEASE_SEQUENCE = f"{PREFIX}lease-sequence"
"""The last lease id given out: a fencing token, so it only grows."""
PUSHES = f"{PREFIX}pushes"
"""Sorted set of unfinished pushes by when they were last extended."""
PUSHED = f"{PREFIX}pushed"
"""Sorted set of the last ids of unfinished pushes by their first ids: jobs in between are written and not there yet."""
DATASETS = f"{PREFIX}datasets"
"""Set of the names of uploaded datasets."""
DATASET_SEQUENCE = f"{PREFIX}dataset-sequence"
"""The last version given to a dataset, whatever its name: a version is never used again."""
CHANGES = f"{PREFIX}changes"
"""Sorted set of blocks of jobs (JOBS_A_BLOCK) by the number of their last change: the exporter reads no others."""
CHANGE_SEQUENCE = f"{PREFIX}change-sequence"
"""The last number given to a change."""
JOBS_A_BLOCK = 250
"""Jobs of consecutive ids that count as changed together: about as many as one script may touch."""
EXPORT = f"{PREFIX}export"
"""Hash of what the exporter last did, and the name of this store by which its files are known."""
AUDIT = f"{PREFIX}audit"
"""Stream of who did what, capped."""
RESTORING = f"{PREFIX}restoring"
"""Stands while files are being restored, with the word of who restores them: no script works in a part of a store."""
RESTORER = f"{PREFIX}restorer"
"""The word of the restore that goes on; it ends by itself when that is silent."""
CLOSED = "the store is being restored; if that was cut off, run the restore again"
"""What is said of such a store."""

USER = f"{PREFIX}user:"
TOKEN = f"{PREFIX}token:"
TOKENS = f"{PREFIX}tokens:"
LOGIN_FAILURES = f"{PREFIX}login-failures:"
JOB = f"{PREFIX}job:"
JOBS_OF = f"{PREFIX}jobs:"
RESULT = f"{PREFIX}result:"
QUEUE = f"{PREFIX}queue:"
PUSH = f"{PREFIX}push:"
RUN = f"{PREFIX}run:"
DATASET = f"{PREFIX}dataset:"
UPLOAD = f"{PREFIX}upload:"

READY = ":ready"
LEASED = ":leased"
DEAD = ":dead"
RUN_JOBS = ":jobs"
VALUES = ":values"


def user(name: str) -> str:
    """Hash: role, password_hash, created, disabled."""
    return USER + name


def token(digest: str) -> str:
    """Hash with a time to live: user, issued, last_used. `digest` is the token's SHA-256 in hex."""
    return TOKEN + digest


def tokens(user_name: str) -> str:
    """Set of the digests of a user's tokens."""
    return TOKENS + user_name


def login_failures(who: str) -> str:
    """Hash with a time to live: count, until. `who` is `user:NAME` or `client:ADDRESS`."""
    return LOGIN_FAILURES + who


def job(job_id: int) -> str:
    """Hash: the job."""
    return JOB + str(job_id)


def jobs_of(user_name: str) -> str:
    """Sorted set of a user's jobs by id."""
    return JOBS_OF + user_name


def result(job_id: int) -> str:
    """String: the job's packed forecasts."""
    return RESULT + str(job_id)


def queue(index: int) -> str:
    """Hash: name, policy, counters, and how many assets wait (those of the ready and leased jobs)."""
    return QUEUE + str(index)


def ready(index: int) -> str:
    """Sorted set of waiting jobs by (priority, sequence)."""
    return QUEUE + str(index) + READY


def leased(index: int) -> str:
    """Sorted set of claimed jobs by lease deadline."""
    return QUEUE + str(index) + LEASED


def dead(index: int) -> str:
    """Sorted set of dead-lettered jobs by time of death."""
    return QUEUE + str(index) + DEAD


def run(run_id: int) -> str:
    """Hash: the run."""
    return RUN + str(run_id)


def run_jobs(run_id: int) -> str:
    """List of the jobs that a run finished, in order."""
    return RUN + str(run_id) + RUN_JOBS


def dataset(name: str) -> str:
    """Hash: shape, asset names, version."""
    return DATASET + name


def dataset_values(name: str) -> str:
    """String: the panel as float64, one series after the other."""
    return DATASET + name + VALUES


def upload(name: str) -> str:
    """String with a time to live: the values of a dataset that is being put, until all of them are there."""
    return UPLOAD + name


def lua_table() -> str:
    """The names above as a Lua table, so that scripts build keys from the same source."""
    names = {name: value for name, value in globals().items() if name.isupper()}
    return "local KEY = {" + ", ".join(f'{name} = "{value}"' for name, value in names.items()) + "}\n"
