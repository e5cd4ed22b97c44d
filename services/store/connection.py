"""The connection to the store: commands, pipelines and scripts, with the store's errors turned into ours."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self, cast

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from services.config import StoreSettings
from services.errors import ConflictError, ForesailError, InvalidError, NotFoundError, UnavailableError
from services.store.scripts import script

Argument = str | bytes | int | float
_REFUSALS: dict[str, type[ForesailError]] = {
    "NOTFOUND": NotFoundError,
    "CONFLICT": ConflictError,
    "INVALID": InvalidError,
}


class Store:
    """One Redis-protocol server.

    Commands are never retried by themselves: after a lost answer nobody knows whether a write took place, and only the
    caller knows whether doing it twice is harmless. `clock` gives the scripts another time than the server's (tests).
    """

    def __init__(self, redis: Redis, clock: Callable[[], float] | None = None) -> None:
        redis.response_callbacks.clear()  # every answer as the server gave it, in pipelines too
        self._redis = redis
        self.clock = clock

    @classmethod
    def connect(cls, settings: StoreSettings) -> Self:
        """A store that connects when it is first used."""
        url = settings.url or f"unix://{settings.folder / 'store.sock'}"
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=settings.connections,
            timeout=settings.timeout_seconds,
            socket_timeout=settings.timeout_seconds,
            socket_connect_timeout=settings.timeout_seconds,
            retry=Retry(NoBackoff(), 0),
            protocol=2,
        )
        return cls(Redis(connection_pool=pool))

    async def close(self) -> None:
        """Close every connection."""
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    async def command(self, *words: Argument) -> Any:
        """Run one command and return the server's answer, bytes undecoded."""
        with _translated():
            return await self._redis.execute_command(*words)

    async def commands(self, commands: Sequence[Sequence[Argument]]) -> list[Any]:
        """Run commands in one round trip, as one transaction: no other client's command comes between."""
        with _translated():
            async with self._redis.pipeline(transaction=True) as pipeline:
                for words in commands:
                    pipeline.execute_command(*words)
                return await pipeline.execute()

    async def call(self, name: str, *arguments: Argument) -> Any:
        """Run lua/`name`.lua; the first argument it sees is the time, by `clock` or its own."""
        known = script(name)
        now = "" if self.clock is None else repr(self.clock())
        with _translated():
            try:
                return await self._evaluate("EVALSHA", known.sha, now, arguments)
            except exceptions.NoScriptError:
                return await self._evaluate("EVAL", known.text, now, arguments)

    def _evaluate(self, verb: str, source: str, now: str, arguments: Sequence[Argument]) -> Awaitable[Any]:
        return cast("Awaitable[Any]", self._redis.execute_command(verb, source, 0, now, *arguments))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except exceptions.ResponseError as error:
        raise _refusal(error) from error
    except (exceptions.RedisError, OSError) as error:
        raise UnavailableError(f"the store does not answer ({type(error).__name__}); try again") from error


def _refusal(error: exceptions.ResponseError) -> Exception:
    """A script's own refusal is ours to tell; a full or read-only store is away; anything else is a bug here."""
    text = str(error)
    code, _, detail = text.partition(" ")
    if code in _REFUSALS:
        return _REFUSALS[code](detail)
    if text.startswith(("OOM", "MISCONF", "READONLY", "LOADING", "BUSY", "MASTERDOWN")) or "used memory" in text:
        return UnavailableError(f"the store takes no writes now: {text}", retry_after=5)
    return error
