"""Tokens: opaque random strings of which only the SHA-256 is stored."""

import hashlib
import secrets

from services.errors import NotFoundError
from services.models import Role, Subject, Token
from services.store import keys
from services.store.connection import Store

PREFIX = "fs_"
"""Lets secret scanners recognise a token."""
LONGEST_SECONDS = 30 * 24 * 3600
"""From the login to the end of a token that is used all the time (NIST SP 800-63B-4, 2.1.3: a login every 30 days)."""
ID_LENGTH = 12
"""Hex digits of the digest by which people name a token."""
MOST = 100
"""Tokens of one user. One more ends the one not used for longest: scripts that never log out lock nobody out."""


def digest(token: str) -> str:
    """The SHA-256 by which the store knows a token; tokens have 256 random bits, so nothing slower is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


async def issue(store: Store, user: str, verified_hash: str, seconds: int) -> str | None:
    """Make a token for a user whose password was just verified against `verified_hash`; at most MOST are kept.

    None where the user is gone, disabled or has another password by now.
    """
    token = PREFIX + secrets.token_urlsafe(32)
    issued = await store.call("issue_token", user, digest(token), seconds, verified_hash, MOST)
    return token if issued else None


async def authenticate(store: Store, token: str, seconds: int) -> Subject | None:
    """Whom the token speaks for at this moment, in one read; prolongs it, up to its longest life. None if not valid."""
    known = digest(token)
    answer = await store.call("authenticate", known, seconds, LONGEST_SECONDS)
    return Subject(answer[0].decode(), Role(answer[1].decode()), known[:ID_LENGTH]) if answer else None


async def of_user(store: Store, user: str) -> list[Token]:
    """The user's valid tokens, oldest first."""
    digests = [member.decode() for member in await store.command("SMEMBERS", keys.tokens(user))]
    parts = [("HMGET", keys.token(d), "issued", "last_used") for d in digests]
    lives = [("EXPIRETIME", keys.token(d)) for d in digests]
    answers = await store.commands([*parts, *lives])
    found = zip(digests, answers[: len(digests)], answers[len(digests) :], strict=True)
    valid = [
        Token(d[:ID_LENGTH], user, float(times[0]), float(times[1]), float(expires))
        for d, times, expires in found
        if times[0] is not None
    ]
    return sorted(valid, key=lambda token: token.issued)


async def end(store: Store, token: str) -> None:
    """End this token; nothing happens where it is not valid."""
    known = digest(token)
    user = await store.command("HGET", keys.token(known), "user")
    if user is not None:
        await _drop(store, user.decode(), known)


async def end_by_id(store: Store, user: str, token_id: str) -> None:
    """End the user's token of that id; raises NotFoundError."""
    members = [member.decode() for member in await store.command("SMEMBERS", keys.tokens(user))]
    known = [d for d in members if len(token_id) == ID_LENGTH and d.startswith(token_id)]
    if not known:
        raise NotFoundError(f"there is no token {token_id}")
    await _drop(store, user, known[0])


async def _drop(store: Store, user: str, known: str) -> None:
    await store.commands([("DEL", keys.token(known)), ("SREM", keys.tokens(user), known)])
