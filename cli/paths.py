"""The paths of the services' things, in one place."""

from urllib.parse import quote

LOGIN = "/auth/login"
ACCESS = "/auth"
USERS = "/auth/users"
TOKENS = "/auth/tokens"
ROLES = "/auth/roles"
AUDIT = "/auth/audit"
JOBS = "/masterdata/jobs"
DATASETS = "/masterdata/datasets"
QUEUES = "/queueing/queues"
DIAGNOSIS = "/queueing/diagnosis"
RUNS = "/calculations/runs"
RUNNER = "/calculations/diagnosis"


def under(base: str, *parts: object) -> str:
    """The path of a thing below `base`; what people typed cannot leave its place in it."""
    return "/".join([base, *(quote(str(part), safe="") for part in parts)])
