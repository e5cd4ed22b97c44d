"""What a dumped job's record says by itself: whether it is one, where the job is, and how it waits again."""

from services.models import JobStatus
from services.store import keys
from services.store.dump import Fields
from services.store.jobs import job_of

_PLACES = {JobStatus.QUEUED: keys.READY, JobStatus.IN_PROGRESS: keys.LEASED, JobStatus.FAILED: keys.DEAD}


def check_job(job_id: int, fields: Fields) -> None:
    """Raises ValueError or KeyError for a record that services or scripts could not read as a job."""
    job_of(job_id, fields)
    numbers = ("size", "score") if place_of(fields) else ("size",)
    for name in numbers:
        int(fields[name])


def place_of(fields: Fields) -> str:
    """Where in its queue a job is by its record (invariants.py); empty where it is in none."""
    if not fields["queue"]:
        return ""
    return _PLACES.get(JobStatus(fields["status"]), "")


def was_forecast(fields: Fields) -> bool:
    """Whether a forecast made the job done, and no person, who takes it out of its queue and always gives a reason."""
    return fields["status"] == JobStatus.DONE and bool(fields["queue"] or "reason" not in fields)


def is_calculated_at_once(fields: Fields) -> bool:
    """Whether a service was calculating the job; for one that a person took out of a queue a reason is always given."""
    return fields["status"] == JobStatus.IN_PROGRESS and not fields["queue"] and "reason" not in fields


def waiting(fields: Fields, reason: str) -> Fields:
    """A claimed job as it waits, without its last attempt."""
    attempts = max(0, int(fields["attempts"]) - 1)
    return {**fields, "status": JobStatus.QUEUED, "attempts": str(attempts), "reason": reason, "lease": ""}
