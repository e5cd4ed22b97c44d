"""The paths of the services' things, in one place."""

from urllib.parse import quote

from cli.errors import UsageError

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
    """The path of a thing below `base`; what people typed cannot leave its place. Raises UsageError for no name.

    A slash is no part of any name, and servers read %2F as one.
    """
    return "/".join([base, *(_quoted(str(part)) for part in parts)])


def _quoted(part: str) -> str:
    if part in {"", ".", ".."} or "/" in part:
        raise UsageError(f"{part!r} is no name")
    try:
        return quote(part, safe="")
    except UnicodeEncodeError as error:
        raise UsageError(f"{part!r} is no name: it holds bytes that are not UTF-8") from error
