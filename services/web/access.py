"""Who may call what: an endpoint says in its signature which scope it needs.

Each request costs one read of the store and is judged by the user's record of that moment.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.routing import iter_route_contexts
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette import types

from services.errors import ForbiddenError, ForesailError, UnauthenticatedError
from services.models import Scope, Subject
from services.store import jobs, tokens
from services.web import problems
from services.web.bodies import is_large, is_upload
from services.web.service import Context, InContext

PUBLIC = frozenset({("POST", "/auth/login"), ("GET", "/livez"), ("GET", "/readyz")})
"""The only routes that ask for no token."""
_bearer = HTTPBearer(auto_error=False, description="The token that POST /auth/login returns.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


class Requirement:
    """A dependency that answers with the subject, if its role has the scope; with no scope, any valid token will do."""

    def __init__(self, scope: Scope | None) -> None:
        self.scope = scope

    async def __call__(self, request: Request, context: InContext, credentials: Credentials) -> Subject:
        """The subject; raises UnauthenticatedError or ForbiddenError."""
        subject = await authenticate(context, credentials)
        request.state.subject = subject.user
        if self.scope is not None and self.scope not in subject.scopes:
            raise ForbiddenError(f"the role {subject.role} does not have the scope {self.scope}")
        return subject


class TokenFirst:
    """Middleware: FastAPI parses a body before it looks at the token, so a large one has to come with a valid token.

    A PUT below one of `uploads` reads its body itself, after the token.
    """

    def __init__(self, app: types.ASGIApp, uploads: tuple[str, ...]) -> None:
        self.app = app
        self._uploads = uploads

    async def __call__(self, scope: types.Scope, receive: types.Receive, send: types.Send) -> None:
        """Serve the request, or answer what its endpoint would."""
        if scope["type"] == "http" and is_large(scope) and not self._is_exempt(scope):
            try:
                await authenticate(scope["app"].state.context, await _bearer(Request(scope)))
            except ForesailError as error:
                await problems.of_error(scope["path"], error)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _is_exempt(self, scope: types.Scope) -> bool:
        return (scope["method"], scope["path"]) in PUBLIC or is_upload(scope, self._uploads)


async def authenticate(context: Context, credentials: HTTPAuthorizationCredentials | None) -> Subject:
    """Whom the credentials speak for; raises UnauthenticatedError."""
    if credentials is None:
        raise UnauthenticatedError("this needs a token in the header Authorization: Bearer; log in to get one")
    subject = await tokens.authenticate(context.store, credentials.credentials, token_seconds(context))
    if subject is None:
        raise UnauthenticatedError("the token is not valid, has expired or was ended; log in again")
    return subject


def needs(scope: Scope | None = None) -> Any:
    """What annotates the subject of an endpoint: its scope, or none where any token will do."""
    return Depends(Requirement(scope))


def token_seconds(context: Context) -> int:
    """How long an unused token lives."""
    return min(int(context.settings.auth.token_hours * 3600), tokens.LONGEST_SECONDS)


def whose_jobs(subject: Subject) -> str:
    """Whose jobs the subject may see and change: its own, or anybody's."""
    return jobs.ANYBODY if Scope.JOBS_ALL in subject.scopes else subject.user


def guarded_routes(routers: Iterable[APIRouter]) -> Iterator[tuple[str, str, Requirement | None]]:
    """Method, path and requirement of every route: none for a public one."""
    for router in routers:
        for route in iter_route_contexts(router.routes):
            found = next(_requirements(route.dependant), None)
            yield from ((method, str(route.path), found) for method in sorted(route.methods or ()))


def deny_by_default(routers: Iterable[APIRouter]) -> None:
    """Refuse to serve a route that says neither which scope it needs nor, here, that it is public."""
    for method, path, requirement in guarded_routes(routers):
        if requirement is None and (method, path) not in PUBLIC:
            raise RuntimeError(f"{method} {path} asks for no token and is not one of the public routes")


def _requirements(dependant: Any) -> Iterator[Requirement]:
    if isinstance(dependant.call, Requirement):
        yield dependant.call
    for part in dependant.dependencies:
        yield from _requirements(part)


AnySubject = Annotated[Subject, needs()]
