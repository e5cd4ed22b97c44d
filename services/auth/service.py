"""What the auth service does."""

from collections.abc import Callable
from dataclasses import dataclass

from services.auth.first_user import LOCAL_PASSWORD
from services.auth.passwords import Passwords
from services.auth.schemas import LoginRequest, LoginView, NewUser, UserChange, UserView
from services.auth.strength import weakness
from services.auth.verifying import upgraded, verified, wrong
from services.errors import ForbiddenError, InvalidError, NotFoundError, UnauthenticatedError
from services.models import ROLE_SCOPES, Role, Scope, Subject
from services.store import tokens, users
from services.store.audit import Action, Entry
from services.web.access import token_seconds
from services.web.audit import Note
from services.web.service import Context

SERVICE_SCOPES = {
    "auth": frozenset(Scope),
    "masterdata": frozenset({Scope.JOBS_OWN, Scope.JOBS_ALL, Scope.DATASETS_READ}),
    "queueing": frozenset({Scope.QUEUES_READ, Scope.QUEUES_WRITE}),
    "calculations": frozenset({Scope.RUNS_READ, Scope.RUNS_WRITE}),
}
"""Any one of these scopes lets a subject use the service."""
_SHORTEST_LOCAL = 4
_NOTICE = "this is the well-known first password; change it by `foresail users passwd`"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, with which token and from which address."""

    subject: Subject
    token: str
    client: str


async def login(context: Context, passwords: Passwords, request: LoginRequest, client: str, note: Note) -> LoginView:
    """A token for the right password; raises UnauthenticatedError, or TooManyAttemptsError while one has to wait."""
    user = await verified(context, passwords, request.user, request.password, client, note)
    seconds = token_seconds(context)
    known = await upgraded(context, passwords, user, request.password)
    token = await tokens.issue(context.store, user.name, known, seconds)
    if token is None:
        raise wrong()
    notice = _NOTICE if request.password == LOCAL_PASSWORD else None
    return LoginView(token=token, user=user.name, role=user.role, expires_in=seconds, notice=notice)


def check_service(subject: Subject, service: str) -> None:
    """Raises NotFoundError for an unknown service, ForbiddenError where the subject may do nothing there."""
    if service not in SERVICE_SCOPES:
        raise NotFoundError(f"there is no service {service!r}; there are {', '.join(SERVICE_SCOPES)}")
    if not SERVICE_SCOPES[service] & subject.scopes:
        raise ForbiddenError(f"the role {subject.role} may do nothing in {service}")


async def add_user(context: Context, passwords: Passwords, new: NewUser) -> UserView:
    """Add a user; raises ConflictError where the name is taken, InvalidError for a weak password."""
    _check_password(context, new.password, new.name)
    await users.create(context.store, new.name, new.role, await passwords.hash(new.password))
    return UserView.of(await users.get(context.store, new.name), with_hash=True)


async def see_user(context: Context, subject: Subject, name: str) -> UserView:
    """A user, for itself or for an admin."""
    _check_self_or_admin(subject, name)
    return UserView.of(await users.get(context.store, name), with_hash=subject.role == Role.ADMIN)


async def change_user(
    context: Context, passwords: Passwords, caller: Caller, name: str, change: UserChange, note: Note
) -> UserView:
    """Change a password, a role, or whether the user may log in.

    One's own password needs the current one. A new password ends the user's other tokens, a disabled user's all end.
    """
    subject, current = caller.subject, ""
    _check_self_or_admin(subject, name)
    _check_change(context, subject, name, change)
    if change.password is not None and subject.user == name:
        current = await _current_hash(context, passwords, caller, change.current_password, note)
    fields: dict[str, str | int] = {}
    if change.password is not None:
        fields["password_hash"] = await passwords.hash(change.password)
    if change.role is not None:
        fields["role"] = change.role
    if change.disabled is not None:
        fields["disabled"] = int(change.disabled)
    await users.change(context.store, name, fields, _tokens_that_stay(caller, name, change), current)
    return await see_user(context, subject, name)


def roles() -> dict[Role, list[Scope]]:
    """The table of permissions."""
    return {role: sorted(scopes) for role, scopes in ROLE_SCOPES.items()}


def wanted(subject: str | None, action: Action | None) -> Callable[[Entry], bool]:
    """Whether an entry of the trail passes the filters; none lets all pass."""
    return lambda entry: subject in (None, entry.subject) and action in (None, entry.action)


def whose_tokens(subject: Subject, user: str | None) -> str:
    """The user whose tokens are meant: oneself, or anybody for an admin."""
    if user not in (None, subject.user) and Scope.USERS not in subject.scopes:
        raise ForbiddenError("only admins may see and end other people's tokens")
    return user or subject.user


def _check_self_or_admin(subject: Subject, name: str) -> None:
    if subject.user != name and Scope.USERS not in subject.scopes:
        raise ForbiddenError("only admins may see and change other users")


def _check_change(context: Context, subject: Subject, name: str, change: UserChange) -> None:
    if change.password is None and change.role is None and change.disabled is None:
        raise InvalidError("nothing to change: give password, role or disabled", "body")
    if Scope.USERS not in subject.scopes and (change.role is not None or change.disabled is not None):
        raise ForbiddenError("only admins may change a role or disable a user")
    if change.password is not None:
        _check_password(context, change.password, name)
    if subject.user == name and change.disabled:
        raise InvalidError("nobody can disable themselves", "body.disabled")


async def _current_hash(context: Context, passwords: Passwords, caller: Caller, current: str | None, note: Note) -> str:
    """The hash against which one's current password was verified."""
    if current is None:
        raise InvalidError("your own new password needs current_password too", "body.current_password")
    try:
        user = await verified(context, passwords, caller.subject.user, current, caller.client, note)
    except UnauthenticatedError as error:
        raise InvalidError("this is not your current password", "body.current_password") from error
    return user.password_hash


def _check_password(context: Context, password: str, user: str) -> None:
    if context.settings.web.mode == "local":
        weak = f"a password needs at least {_SHORTEST_LOCAL} characters" if len(password) < _SHORTEST_LOCAL else ""
    else:
        weak = weakness(password, user, context.settings.auth.shortest_password)
    if weak:
        raise InvalidError(weak, "body.password")


def _tokens_that_stay(caller: Caller, name: str, change: UserChange) -> str:
    if change.disabled:
        return users.ALL_TOKENS
    if change.password is None:
        return users.NO_TOKEN
    return tokens.digest(caller.token) if caller.subject.user == name else users.ALL_TOKENS
