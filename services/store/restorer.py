"""Who restores: one process at a time, into a store that is closed to everybody else meanwhile."""

import secrets
from collections.abc import Sequence

from redis.exceptions import ResponseError

from services.errors import ConflictError
from services.store import keys
from services.store.connection import Store
from services.store.wire import Argument

SILENCE_SECONDS = 30
"""After which a restore counts as cut off; each of its writes is a sign of life."""
_OWN = {key.encode() for key in (keys.RESTORING, keys.RESTORER)}


class Restorer:
    """The right to write into a closed store: until it is open, or another restore has begun after a silence.

    Then every method raises ConflictError and changes nothing.
    """

    def __init__(self, store: Store, word: bytes) -> None:
        self.store = store
        self._word = word

    async def write(self, commands: Sequence[Sequence[Argument]]) -> None:
        """Run commands as one transaction; none at all are a sign of life too.

        Raises ValueError where the store does not take one of them.
        """
        # Who waited here for long may find another restore going on: then the transaction does nothing.
        await self.store.command("WATCH", keys.RESTORER, keys.RESTORING)
        alive, mark = await self.store.command("MGET", keys.RESTORER, keys.RESTORING)
        if (alive or mark) != self._word:
            raise ConflictError("another restore has begun meanwhile, or this one is over; it touches nothing more")
        # EXPIRE, because a store that is full takes no SET, and it has to be emptied all the same.
        sign = ("EXPIRE", keys.RESTORER, SILENCE_SECONDS) if alive else _sign(self._word)
        try:
            await self.store.commands([sign, *commands])
        except ResponseError as error:
            raise ValueError(f"the store does not take it: {error}") from error

    async def empty(self) -> None:
        """Remove everything from the store, which stays closed."""
        cursor = b""
        while cursor != b"0":
            cursor, found = await _scan(self.store, cursor)
            rest = [name for name in found if name not in _OWN]
            await self.write([("UNLINK", *rest)] if rest else [])

    async def open(self) -> None:
        """Let everybody work in the store."""
        await self.write([("DEL", keys.RESTORING, keys.RESTORER)])

    async def undo(self) -> None:
        """Remove everything, and open the store last, so that being cut off here leaves it closed."""
        await self.empty()
        await self.open()


async def begin(store: Store) -> Restorer:
    """Close the empty store; raises ConflictError where it holds anything, or another restore goes on.

    What a restore that was cut off has left is removed.
    """
    word = secrets.token_hex(8).encode()
    restorer = Restorer(store, word)
    if not await store.command(*_sign(word), "NX"):
        raise ConflictError("another restore goes on; if it was cut off, try again in half a minute")
    if await store.command("EXISTS", keys.RESTORING):
        # First of all: if this one is cut off too, the last one must not go on.
        await restorer.write([("SET", keys.RESTORING, word)])
        await restorer.empty()
    elif found := await _first_key(store):
        await restorer.write([("DEL", keys.RESTORER)])
        raise ConflictError(
            f"the store is not empty ({found} exists): a restore mixes with nothing; empty the store first"
        )
    await restorer.write([("SET", keys.RESTORING, word), ("DEL", keys.EXPORT)])
    return restorer


def _sign(word: bytes) -> tuple[Argument, ...]:
    return ("SET", keys.RESTORER, word, "EX", SILENCE_SECONDS)


async def _first_key(store: Store) -> str:
    cursor = b""
    while cursor != b"0":
        cursor, found = await _scan(store, cursor)
        if rest := set(found) - _OWN - {keys.EXPORT.encode()}:
            return str(min(rest).decode())
    return ""


async def _scan(store: Store, cursor: bytes) -> tuple[bytes, list[bytes]]:
    answer: tuple[bytes, list[bytes]] = await store.command(
        "SCAN", cursor or 0, "MATCH", f"{keys.PREFIX}*", "COUNT", 1000
    )
    return answer
