"""Who may call what: an endpoint says in its signature which scope it needs.

Each request costs one read of the store and is judged by the user's record of that moment.
"""

from typing import Annotated, Any

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.errors import ForbiddenError, UnauthenticatedError
from services.models import Scope, Subject
from services.store import jobs, tokens
from services.web.service import Context, InContext

_bearer = HTTPBearer(auto_error=False, description="The token that POST /auth/login returns.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


class Requirement:
    """A dependency that answers with the subject, if its role has the scope; with no scope, any valid token will do."""

    def __init__(self, scope: Scope | None) -> None:
        self.scope = scope

    async def __call__(self, context: InContext, credentials: Credentials) -> Subject:
        """The subject; raises UnauthenticatedError or ForbiddenError."""
        subject = await authenticate(context, credentials)
        if self.scope is not None and self.scope not in subject.scopes:
            raise ForbiddenError(f"the role {subject.role} does not have the scope {self.scope}")
        return subject


async def authenticate(context: Context, credentials: HTTPAuthorizationCredentials | None) -> Subject:
    """Whom the credentials speak for; raises UnauthenticatedError."""
    if credentials is None:
        raise UnauthenticatedError("this needs a token in the header Authorization: Bearer; log in to get one")
    subject = await tokens.authenticate(context.store, credentials.credentials, token_seconds(context))
    if subject is None:
        raise UnauthenticatedError("the token is not valid, has expired or was ended; log in again")
    return subject


def needs(scope: Scope | None = None) -> Any:
    """Annotation of an endpoint's subject: `Annotated[Subject, needs(Scope.USERS)]`."""
    return Depends(Requirement(scope))


def token_seconds(context: Context) -> int:
    """How long an unused token lives."""
    return int(context.settings.auth.token_hours * 3600)


def whose_jobs(subject: Subject) -> str:
    """Whose jobs the subject may see and change: its own, or anybody's."""
    return jobs.ANYBODY if Scope.JOBS_ALL in subject.scopes else subject.user


def requirements(dependant: Any) -> list[Requirement]:
    """The requirements of a route, for the test that every route has one."""
    found = [dependant.call] if isinstance(dependant.call, Requirement) else []
    return found + [inner for part in dependant.dependencies for inner in requirements(part)]


AnySubject = Annotated[Subject, needs()]
