"""The paths of the auth service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status

from services.auth import first_user, service
from services.auth.passwords import Passwords
from services.auth.schemas import (
    AuditCursor,
    AuditView,
    LoginRequest,
    LoginView,
    NewUser,
    SubjectView,
    TokenView,
    UserChange,
    UserName,
    UserView,
)
from services.errors import (
    ConflictError,
    NotFoundError,
    TooManyAttemptsError,
    UnauthenticatedError,
    UnavailableError,
)
from services.models import Role, Scope, Subject
from services.store import audit, tokens, users
from services.store.audit import Action
from services.web.access import AnySubject, Credentials, needs
from services.web.audit import Note, audited
from services.web.openapi import operation_id
from services.web.paging import Cursor, Limit, Page, page
from services.web.problems import public_responses, responses
from services.web.schemas import UserQuery
from services.web.service import Context, InContext, Service, resource_of

router = APIRouter(prefix="/auth", tags=["auth"], generate_unique_id_function=operation_id)
Admin = Annotated[Subject, needs(Scope.USERS)]
LOGOUT = [audited(Action.LOGOUT)]
Auditor = Annotated[Subject, needs(Scope.SYSTEM)]
InPasswords = Annotated[Passwords, Depends(resource_of("auth"))]


@asynccontextmanager
async def _resources(context: Context) -> AsyncIterator[Passwords]:
    async with AsyncExitStack() as stack:
        passwords = Passwords(context.settings.auth)
        stack.callback(passwords.close)
        try:
            await first_user.make(context, passwords)
        except UnavailableError:
            task = asyncio.create_task(first_user.make_later(context, passwords))
            stack.callback(task.cancel)
        yield passwords


def _client(request: Request) -> str:
    return request.client.host if request.client else "unknown"


async def _caller(subject: AnySubject, credentials: Credentials, request: Request) -> service.Caller:
    return service.Caller(subject, credentials.credentials if credentials else "", _client(request))


@router.post(
    "/login",
    responses=public_responses(UnauthenticatedError, TooManyAttemptsError),
)
async def login(
    note: Annotated[Note, audited(Action.LOGIN)],
    context: InContext,
    passwords: InPasswords,
    body: LoginRequest,
    request: Request,
) -> LoginView:
    """Log in: a token for a user and its password."""
    return await service.login(context, passwords, body, _client(request), note)


@router.put("/login", status_code=status.HTTP_204_NO_CONTENT, responses=responses(), dependencies=LOGOUT)
@router.delete(
    "/login",
    operation_id="logout_by_delete",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(),
    dependencies=LOGOUT,
)
async def logout(context: InContext, _: AnySubject, credentials: Credentials) -> None:
    """Log out: the token that comes with the request ends."""
    if credentials is not None:
        await tokens.end(context.store, credentials.credentials)


@router.get("", responses=responses(NotFoundError))
async def access(
    subject: AnySubject,
    response: Response,
    service_name: Annotated[str | None, Query(alias="service", max_length=64)] = None,
) -> SubjectView:
    """Whom the token speaks for, and whether it may use a service; an ingress can ask this before it forwards."""
    if service_name is not None:
        service.check_service(subject, service_name)
    response.headers["X-Auth-User"] = subject.user
    response.headers["X-Auth-Role"] = subject.role
    return SubjectView(user=subject.user, role=subject.role, scopes=sorted(subject.scopes))


@router.get("/users", responses=responses())
async def list_users(context: InContext, _: Admin, limit: Limit = 100, cursor: Cursor = "") -> Page[UserView]:
    """All users by name, with their password hashes."""
    found = await users.page(context.store, cursor, limit)
    return page([UserView.of(user, with_hash=True) for user in found], limit, found[-1].name if found else "")


@router.post("/users", status_code=status.HTTP_201_CREATED, responses=responses(ConflictError))
async def add_user(
    note: Annotated[Note, audited(Action.USER_CREATE)],
    context: InContext,
    passwords: InPasswords,
    _: Admin,
    body: NewUser,
) -> UserView:
    """Add a user."""
    note.target, note.detail = body.name, body.role
    return await service.add_user(context, passwords, body)


@router.get("/users/{name}", responses=responses(NotFoundError))
async def see_user(context: InContext, subject: AnySubject, name: UserName) -> UserView:
    """A user: oneself, or anybody for an admin."""
    return await service.see_user(context, subject, name)


@router.put("/users/{name}", responses=responses(NotFoundError, ConflictError, TooManyAttemptsError))
async def change_user(
    note: Annotated[Note, audited(Action.USER_CHANGE)],
    context: InContext,
    passwords: InPasswords,
    caller: Annotated[service.Caller, Depends(_caller)],
    name: UserName,
    body: UserChange,
) -> UserView:
    """Change a password, a role, or whether the user may log in."""
    note.detail = body.told()
    return await service.change_user(context, passwords, caller, name, body, note)


@router.delete(
    "/users/{name}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=responses(NotFoundError, ConflictError),
    dependencies=[audited(Action.USER_DELETE)],
)
async def delete_user(context: InContext, _: Admin, name: UserName) -> None:
    """Delete a user and end its tokens; its jobs stay."""
    await users.delete(context.store, name)


@router.get("/tokens", responses=responses())
async def list_tokens(context: InContext, subject: AnySubject, user: UserQuery = None) -> Page[TokenView]:
    """One's valid tokens, or another user's for an admin."""
    found = await tokens.of_user(context.store, service.whose_tokens(subject, user))
    return Page(items=[TokenView.of(token, subject.token_id) for token in found])


@router.delete("/tokens/{token_id}", status_code=status.HTTP_204_NO_CONTENT, responses=responses(NotFoundError))
async def end_token(
    note: Annotated[Note, audited(Action.TOKEN_END)],
    context: InContext,
    subject: AnySubject,
    token_id: str,
    user: UserQuery = None,
) -> None:
    """End one of one's tokens, or another user's for an admin."""
    note.detail = f"of {user or subject.user}"
    await tokens.end_by_id(context.store, service.whose_tokens(subject, user), token_id)


@router.get("/audit", responses=responses())
async def list_audit(
    context: InContext,
    _: Auditor,
    subject: UserQuery = None,
    action: Annotated[Action | None, Query(description="Entries of this action only.")] = None,
    limit: Limit = 100,
    cursor: AuditCursor = "",
) -> Page[AuditView]:
    """Who did what, the newest first. With a filter, a page may be short, or empty, with more to come."""
    found, after = await audit.page(context.store, cursor, limit, service.wanted(subject, action))
    return Page(items=[AuditView.of(entry) for entry in found], next=after or None)


@router.get("/roles", responses=responses())
async def list_roles(_: AnySubject) -> dict[Role, list[Scope]]:
    """What each role may do."""
    return service.roles()


SERVICE = Service("auth", router, _resources)
