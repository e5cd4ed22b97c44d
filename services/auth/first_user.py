"""The first user: an admin, made while there is no user at all."""

import asyncio
import logging

from services.auth.passwords import Passwords
from services.errors import InvalidError, UnavailableError
from services.store import users
from services.web.service import Context

NAME = "admin"
LOCAL_PASSWORD = "admin"  # noqa: S105 - local mode's well-known one, which every login complains about
_log = logging.getLogger(__name__)


async def ensure(context: Context, passwords: Passwords) -> None:
    """Make the first user where there is none; waits for a store that is away.

    Raises InvalidError outside local mode where no first password is set.
    """
    while True:
        try:
            await _make(context, passwords)
        except UnavailableError as error:
            _log.warning("no user can be looked up yet: %s", error.detail)
            await asyncio.sleep(1)
        else:
            return


async def _make(context: Context, passwords: Passwords) -> None:
    if await users.exist(context.store):
        return
    local = context.settings.web.mode == "local"
    password = context.settings.auth.first_password or (LOCAL_PASSWORD if local else "")
    if not password:
        raise InvalidError(
            "there is no user yet and no password for the first one: set FORESAIL_AUTH_FIRST_PASSWORD",
            "auth.first_password",
        )
    await users.create_first(context.store, NAME, await passwords.hash(password))
    if password == LOCAL_PASSWORD:
        _log.warning("the first user is admin with the password admin: change it by `foresail users passwd admin`")
