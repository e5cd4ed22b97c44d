"""Whether a password is the user's: the same work and answer for unknown users, and a wait after wrong passwords."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Network, ip_address

from services.auth.first_user import LOCAL_PASSWORD, NAME
from services.auth.passwords import Passwords
from services.errors import ConflictError, NotFoundError, TooManyAttemptsError, UnauthenticatedError
from services.models import User
from services.store import logins, users
from services.web.audit import Note
from services.web.service import Context


async def verified(context: Context, passwords: Passwords, name: str, password: str, client: str, note: Note) -> User:
    """The user whose password this is; raises UnauthenticatedError, or TooManyAttemptsError while one has to wait.

    A name is noted only where there is such a user: people type passwords into the wrong field.
    """
    # By user and client together: whoever guesses a user's password elsewhere must not keep the user out.
    place = counted_as(client)
    guesser, client = f"user:{name}@{place}", f"client:{place}"
    await _check_wait(context, (guesser, client))
    user = await users.find(context.store, name)
    if user is not None:
        note.subject = user.name
    right = await passwords.verify(user.password_hash if user else None, password)
    # Once more: of guesses sent all at once, those that come after too many wrong ones must not be told from these.
    await _check_wait(context, (guesser, client))
    if not right or user is None or user.disabled or _is_well_known_abroad(context, name, password):
        limits = context.settings.auth
        await logins.fail(context.store, [guesser], limits.free_failures, limits.longest_back_off_seconds)
        await logins.fail(context.store, [client], limits.free_client_failures, limits.longest_back_off_seconds)
        raise wrong()
    await logins.succeed(context.store, guesser, client)
    return user


def counted_as(client: str) -> str:
    """Under which name an address's wrong passwords are counted; what is no address is its own.

    One of IPv6 counts as its network of 64 bits: whoever has one address there has all of them.
    """
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False))


async def upgraded(context: Context, passwords: Passwords, user: User, password: str) -> str:
    """The hash of a password that was just verified, made anew where its cost is another than today's.

    The new hash never replaces that of another password: where somebody was quicker, it is their hash that counts, if
    this is its password too; else raises UnauthenticatedError.
    """
    if not passwords.outdated(user.password_hash):
        return user.password_hash
    renewed = await passwords.hash(password)
    try:
        await users.change(context.store, user.name, {"password_hash": renewed}, verified_hash=user.password_hash)
    except (ConflictError, NotFoundError):
        now = await users.find(context.store, user.name)
        if now is None or not await passwords.verify(now.password_hash, password):
            raise wrong() from None
        return now.password_hash
    return renewed


def wrong() -> UnauthenticatedError:
    """The one answer to all that is wrong with a login."""
    return UnauthenticatedError("wrong user name or password")


def _is_well_known_abroad(context: Context, name: str, password: str) -> bool:
    """Local mode's password, elsewhere: the store may have come back, with it, after the start."""
    return (name, password) == (NAME, LOCAL_PASSWORD) and context.settings.web.mode != "local"


async def _check_wait(context: Context, who: Sequence[str]) -> None:
    wait = await logins.wait_seconds(context.store, who)
    if wait:
        raise TooManyAttemptsError(f"too many wrong passwords; try again in {wait} s", wait)
