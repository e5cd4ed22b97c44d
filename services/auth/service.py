"""What the auth service does."""

from collections.abc import Sequence

from services.auth.first_user import LOCAL_PASSWORD
from services.auth.passwords import Passwords
from services.auth.schemas import LoginRequest, LoginView, NewUser, UserChange, UserView
from services.errors import ForbiddenError, InvalidError, NotFoundError, TooManyAttemptsError, UnauthenticatedError
from services.models import ROLE_SCOPES, Role, Scope, Subject, User
from services.store import logins, tokens, users
from services.web.access import token_seconds
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


async def login(context: Context, passwords: Passwords, request: LoginRequest, client: str) -> LoginView:
    """A token for the right password; raises UnauthenticatedError, or TooManyAttemptsError while one has to wait."""
    user = await _verified(context, passwords, request.user, request.password, client)
    if passwords.outdated(user.password_hash):
        renewed = await passwords.hash(request.password)
        await users.change(context.store, user.name, {"password_hash": renewed})
        user = await users.get(context.store, user.name)
    seconds = token_seconds(context)
    token = await tokens.issue(context.store, user.name, user.password_hash, seconds)
    if token is None:
        raise _wrong()
    notice = _NOTICE if request.password == LOCAL_PASSWORD else None
    return LoginView(token=token, user=user.name, role=user.role, expires_in=seconds, notice=notice)


async def check_service(subject: Subject, service: str) -> None:
    """Raises NotFoundError for an unknown service, ForbiddenError where the subject may do nothing there."""
    if service not in SERVICE_SCOPES:
        raise NotFoundError(f"there is no service {service!r}; there are {', '.join(SERVICE_SCOPES)}")
    if not SERVICE_SCOPES[service] & subject.scopes:
        raise ForbiddenError(f"the role {subject.role} may do nothing in {service}")


async def add_user(context: Context, passwords: Passwords, new: NewUser) -> UserView:
    """Add a user; raises ConflictError where the name is taken, InvalidError for a weak password."""
    _check_password(context, new.password)
    await users.create(context.store, new.name, new.role, await passwords.hash(new.password))
    return UserView.of(await users.get(context.store, new.name), with_hash=True)


async def see_user(context: Context, subject: Subject, name: str) -> UserView:
    """A user, for itself or for an admin."""
    _check_self_or_admin(subject, name)
    return UserView.of(await users.get(context.store, name), with_hash=subject.role == Role.ADMIN)


async def change_user(
    context: Context, passwords: Passwords, subject: Subject, token: str, name: str, change: UserChange, client: str
) -> UserView:
    """Change a password, a role, or whether the user may log in.

    One's own password needs the current one. A new password ends the user's other tokens, a disabled user's all end.
    """
    _check_self_or_admin(subject, name)
    _check_change(context, subject, name, change)
    if change.password is not None and subject.user == name:
        await _check_current(context, passwords, name, change.current_password, client)
    fields: dict[str, str | int] = {}
    if change.password is not None:
        fields["password_hash"] = await passwords.hash(change.password)
    if change.role is not None:
        fields["role"] = change.role
    if change.disabled is not None:
        fields["disabled"] = int(change.disabled)
    await users.change(context.store, name, fields, _tokens_that_stay(subject, token, name, change))
    return await see_user(context, subject, name)


def roles() -> dict[Role, list[Scope]]:
    """The table of permissions."""
    return {role: sorted(scopes) for role, scopes in ROLE_SCOPES.items()}


def whose_tokens(subject: Subject, user: str | None) -> str:
    """The user whose tokens are meant: oneself, or anybody for an admin."""
    if user not in (None, subject.user) and Scope.USERS not in subject.scopes:
        raise ForbiddenError("only admins may see and end other people's tokens")
    return user or subject.user


async def _verified(context: Context, passwords: Passwords, name: str, password: str, client: str) -> User:
    # By user and client together: whoever guesses a user's password elsewhere must not keep the user out.
    guesser, client = f"user:{name}@{client}", f"client:{client}"
    await _check_wait(context, (guesser, client))
    user = await users.find(context.store, name)
    right = await passwords.verify(user.password_hash if user else None, password)
    # Once more: of guesses sent all at once, those that come after too many wrong ones must not be told from these.
    await _check_wait(context, (guesser, client))
    if not right or user is None or user.disabled:
        limits = context.settings.auth
        await logins.fail(context.store, [guesser], limits.free_failures, limits.longest_back_off_seconds)
        await logins.fail(context.store, [client], limits.free_client_failures, limits.longest_back_off_seconds)
        raise _wrong()
    await logins.succeed(context.store, (guesser, client))
    return user


async def _check_wait(context: Context, who: Sequence[str]) -> None:
    wait = await logins.wait_seconds(context.store, who)
    if wait:
        raise TooManyAttemptsError(f"too many wrong passwords; try again in {wait} s", wait)


def _wrong() -> UnauthenticatedError:
    return UnauthenticatedError("wrong user name or password")


def _check_self_or_admin(subject: Subject, name: str) -> None:
    if subject.user != name and Scope.USERS not in subject.scopes:
        raise ForbiddenError("only admins may see and change other users")


def _check_change(context: Context, subject: Subject, name: str, change: UserChange) -> None:
    if change.password is None and change.role is None and change.disabled is None:
        raise InvalidError("nothing to change: give password, role or disabled", "body")
    if Scope.USERS not in subject.scopes and (change.role is not None or change.disabled is not None):
        raise ForbiddenError("only admins may change a role or disable a user")
    if change.password is not None:
        _check_password(context, change.password)
    if subject.user == name and change.disabled:
        raise InvalidError("nobody can disable themselves", "body.disabled")


async def _check_current(context: Context, passwords: Passwords, name: str, current: str | None, client: str) -> None:
    if current is None:
        raise InvalidError("your own new password needs current_password too", "body.current_password")
    try:
        await _verified(context, passwords, name, current, client)
    except UnauthenticatedError as error:
        raise InvalidError("this is not your current password", "body.current_password") from error


def _check_password(context: Context, password: str) -> None:
    local = context.settings.web.mode == "local"
    shortest = _SHORTEST_LOCAL if local else context.settings.auth.shortest_password
    if len(password) < shortest:
        raise InvalidError(f"a password needs at least {shortest} characters", "body.password")


def _tokens_that_stay(subject: Subject, token: str, name: str, change: UserChange) -> str:
    if change.disabled:
        return users.ALL_TOKENS
    if change.password is None:
        return users.NO_TOKEN
    return tokens.digest(token) if subject.user == name else users.ALL_TOKENS
