"""The connection to the store: commands, transactions and scripts, with the store's errors turned into ours."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Self

from redis import exceptions
from redis.asyncio.connection import ConnectionPool

from services.config import StoreSettings
from services.errors import ConflictError, ForesailError, NotFoundError, OverQuotaError, UnavailableError
from services.store.address import pool
from services.store.scripts import script
from services.store.wire import Argument, Wire, connect

_REFUSALS: dict[str, type[ForesailError]] = {
    "NOTFOUND": NotFoundError,
    "CONFLICT": ConflictError,
    "QUOTA": OverQuotaError,
    "AWAY": UnavailableError,
}
_NO_WRITES = (exceptions.OutOfMemoryError, exceptions.ReadOnlyError, exceptions.MasterDownError)
_NO_WRITE_CODES = ("MISCONF", "BUSY", "NOREPLICAS")
_log = logging.getLogger(__name__)


class Store:
    """One Redis-protocol server, spoken to from one event loop.

    Commands are never retried by themselves: after a lost answer nobody knows whether a write took place, and only the
    caller knows whether doing it twice is harmless. `clock` gives the scripts another time than the server's.
    """

    def __init__(self, connections: ConnectionPool, timeout: float, clock: Callable[[], float] | None = None) -> None:
        self._connections = connections
        self._timeout = timeout
        self._wire: Wire | None = None
        self._connecting = asyncio.Lock()
        self._failures = 0
        self.clock = clock

    @classmethod
    def connect(cls, settings: StoreSettings) -> Self:
        """A store that connects when first used, and again after a loss; raises InvalidError for wrong settings."""
        return cls(pool(settings), settings.timeout_seconds)

    async def close(self) -> None:
        """Close the connection."""
        if self._wire is not None:
            await self._wire.close()

    async def command(self, *words: Argument) -> Any:
        """Run one command and return the server's answer, bytes undecoded."""
        return _checked(await self._send([words]))

    async def commands(self, commands: Sequence[Sequence[Argument]]) -> list[Any]:
        """Run commands, if any, in one round trip, as one transaction: no other client's command comes between.

        Raises ConflictError, and nothing is done, where a key has changed that was watched.
        """
        if not commands:
            return []
        answers = _checked(await self._send([("MULTI",), *commands, ("EXEC",)]))
        if answers is None:
            raise ConflictError("what this depends on was changed by somebody else meanwhile")
        return [_checked(answer) for answer in answers]

    async def call(self, name: str, *arguments: Argument) -> Any:
        """Run lua/`name`.lua; the first argument it sees is the time, by `clock` or its own."""
        known = script(name)
        now = "" if self.clock is None else repr(self.clock())
        answer = await self._send([("EVALSHA", known.sha, 0, now, *arguments)])
        if isinstance(answer, exceptions.NoScriptError):
            answer = await self._send([("EVAL", known.text, 0, now, *arguments)])
        return _checked(answer)

    async def _send(self, commands: Sequence[Sequence[Argument]]) -> Any:
        try:
            wire = self._wire
            if wire is None or not wire.usable:
                wire = await self._connected()
            return await wire.send(commands)
        except (OSError, TimeoutError, exceptions.RedisError) as error:
            raise UnavailableError("the store does not answer; try again") from error

    async def _connected(self) -> Wire:
        """Who comes during an attempt shares its end: one after the other, all would wait for many timeouts."""
        failures = self._failures
        async with self._connecting:
            if self._wire is None or not self._wire.usable:
                if failures != self._failures:
                    raise exceptions.ConnectionError("the attempt that was waited for failed")
                try:
                    self._wire = await connect(self._connections, self._timeout)
                except (OSError, TimeoutError, exceptions.RedisError):
                    self._failures += 1
                    raise
            return self._wire


def _checked(answer: Any) -> Any:
    """The answer; an error among the answers is raised, as ours where it is."""
    if isinstance(answer, exceptions.ResponseError):
        raise _refusal(answer)
    return answer


def _refusal(error: exceptions.ResponseError) -> Exception:
    """A script's own refusal is ours to tell; a full or read-only store is away; anything else is a bug here."""
    text = str(error)
    code, _, detail = text.partition(" ")
    if code in _REFUSALS:
        return _REFUSALS[code](detail)
    if isinstance(error, _NO_WRITES) or code in _NO_WRITE_CODES or "used memory" in text:
        # For the log alone: it names the place in the script, which would tell a stranger how far a request came.
        _log.warning("the store takes no writes now: %s", text)
        return UnavailableError("the store takes no writes now; try again", retry_after=5)
    return error
