"""The first user: an admin, made while there is no user at all."""

import asyncio
import logging

from services.auth.passwords import Passwords
from services.auth.strength import weakness
from services.errors import InvalidError, UnavailableError
from services.store import users
from services.store.audit import Action, Entry, Outcome
from services.web.audit import write
from services.web.service import Context

NAME = "admin"
LOCAL_PASSWORD = "admin"  # noqa: S105 - local mode's well-known one, which every login complains about
_WELL_KNOWN = "the first user is admin with the password admin: change it by `foresail users passwd admin`"
_log = logging.getLogger(__name__)


async def make(context: Context, passwords: Passwords) -> None:
    """Make the first user where there is none; says each time that it has the well-known password, until it is changed.

    Raises UnavailableError, or InvalidError outside local mode where no good first password is set.
    """
    if await users.exist(context.store):
        first = await users.find(context.store, NAME)
        if first is not None and await passwords.verify(first.password_hash, LOCAL_PASSWORD):
            _log.warning(_WELL_KNOWN)
        return
    given, local = context.settings.auth, context.settings.web.mode == "local"
    password = given.first_password or (LOCAL_PASSWORD if local else "")
    if not local and (weak := weakness(password, NAME, given.shortest_password)):
        need = f"set FORESAIL_AUTH_FIRST_PASSWORD ({weak})"
        raise InvalidError(f"there is no user yet, and the first one needs a password: {need}", "auth.first_password")
    if await users.create_first(context.store, NAME, await passwords.hash(password)):
        await write(context, Entry("", Action.USER_CREATE, NAME, Outcome.DONE, "", "", "the first user"))
    if password == LOCAL_PASSWORD:
        _log.warning(_WELL_KNOWN)


async def make_later(context: Context, passwords: Passwords) -> None:
    """The same once the store, which is away, is back; what is in the way then can only be logged."""
    while True:
        await asyncio.sleep(1)
        try:
            return await make(context, passwords)
        except UnavailableError:
            continue
        except InvalidError as error:
            return _log.error("nobody can log in: %s", error.detail)
