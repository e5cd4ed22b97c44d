"""The first user: an admin, made while there is no user at all."""

import asyncio
import logging

from services.auth.passwords import Passwords
from services.auth.strength import weakness
from services.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from services.models import User
from services.store import users
from services.store.audit import Action, Entry, Outcome
from services.web.audit import write
from services.web.service import Context

NAME = "admin"
LOCAL_PASSWORD = "admin"  # noqa: S105 - local mode's well-known one, which every login complains about
_WELL_KNOWN = "the first user is admin with the password admin: change it by `foresail users passwd admin`"
_log = logging.getLogger(__name__)


async def make(context: Context, passwords: Passwords) -> None:
    """Make the first user where there is none.

    The well-known password is told at each start in local mode. Outside it, where the store comes from there, the user
    gets the one that is set, and its tokens end. Raises UnavailableError, or InvalidError outside local mode where no
    good one is set.
    """
    if not await users.exist(context.store):
        await _create(context, passwords)
    first = await users.find(context.store, NAME)
    if first is None or not await passwords.verify(first.password_hash, LOCAL_PASSWORD):
        return
    if context.settings.web.mode == "local":
        _log.warning(_WELL_KNOWN)
    else:
        await _replace(context, passwords, first)


async def _create(context: Context, passwords: Passwords) -> None:
    if context.settings.web.mode == "local":
        password = context.settings.auth.first_password or LOCAL_PASSWORD
    else:
        password = _good(context, "there is no user yet, and the first one needs a password")
    if await users.create_first(context.store, NAME, await passwords.hash(password)):
        await write(context, Entry("", Action.USER_CREATE, NAME, Outcome.DONE, "", "", "the first user"))


async def _replace(context: Context, passwords: Passwords, first: User) -> None:
    password = _good(context, f"{NAME} has the well-known password of local mode, and needs another here")
    fields: dict[str, str | int] = {"password_hash": await passwords.hash(password)}
    try:
        await users.change(context.store, NAME, fields, users.ALL_TOKENS, first.password_hash)
    except (ConflictError, NotFoundError):
        return  # another auth service, or an admin, was quicker
    await write(context, Entry("", Action.USER_CHANGE, NAME, Outcome.DONE, "", "", "not the well-known password"))


def _good(context: Context, why: str) -> str:
    given = context.settings.auth
    if weak := weakness(given.first_password, NAME, given.shortest_password):
        raise InvalidError(f"{why}: set FORESAIL_AUTH_FIRST_PASSWORD ({weak})", "auth.first_password")
    return given.first_password


async def make_later(context: Context, passwords: Passwords) -> None:
    """The same once the store, which is away, is back; what is in the way then can only be logged."""
    while True:
        await asyncio.sleep(1)
        try:
            return await make(context, passwords)
        except UnavailableError:
            continue
        except InvalidError as error:
            return _log.error("the first user cannot log in: %s", error.detail)
