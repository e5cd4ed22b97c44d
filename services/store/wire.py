"""One connection that all requests of a process share: answers return in the order in which commands were given.

redis-py's connection does the work; sharing it is ours. A connection for each request, out of redis-py's pool, costs a
service more than all of its other work on the request. What is given in one turn of the event loop leaves in one write.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import hiredis
from redis import exceptions
from redis._parsers.hiredis import NOT_ENOUGH_DATA
from redis.asyncio.connection import AbstractConnection, ConnectionPool

Argument = str | bytes | int | float
_packed: Callable[[tuple[Argument, ...]], bytes] = hiredis.pack_command  # type: ignore[assignment] # it says: of one
_LOOKS = 8
"""How often silence is looked for within the time that it may last; it may be noticed two looks late."""


class Wire:
    """A connection that stands. `silence` is how many seconds an answer may take before the server counts as away."""

    def __init__(self, connection: AbstractConnection, silence: float) -> None:
        writer = connection._writer  # noqa: SLF001 - redis-py has no public way to abort
        assert writer is not None, "it is connected"
        self._connection = connection
        self._transport = writer.transport
        self._pause = silence / _LOOKS
        self._waiting: deque[tuple[int, asyncio.Future[Any]]] = deque()
        self._unsent: list[bytes] = []
        self._answers = 0
        self._usable = True
        self._reading = asyncio.create_task(self._read())
        self._looking = asyncio.create_task(self._look())

    @property
    def usable(self) -> bool:
        """Whether commands can be sent."""
        return self._usable

    async def send(self, commands: Sequence[Sequence[Argument]]) -> Any:
        """Send commands; returns the answer to the last of them, or the first that is an error, which is not raised."""
        if not self._usable:
            raise exceptions.ConnectionError("the connection is closed")
        # redis-py's own packer, in Python, took half of a run's processor time.
        packed = [_packed(tuple(words)) for words in commands]
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        self._waiting.append((len(commands), answer))
        if not self._unsent:
            loop.call_soon(self._flush)
        self._unsent += packed
        return await answer

    def _flush(self) -> None:
        """Write what was given in this turn: a system call for each command took a fifth of a service's time."""
        unsent, self._unsent = self._unsent, []
        if self._usable:
            try:
                self._transport.writelines(unsent)
            except Exception as error:  # noqa: BLE001 - whatever it is: what was not sent must not wait for others' answers
                # RuntimeError is how uvloop says that the connection was lost a moment ago, before anybody has read so.
                self._give_up(exceptions.ConnectionError(repr(error)))

    async def close(self) -> None:
        """Close the connection; what still waits for an answer fails."""
        self._give_up(exceptions.ConnectionError("the connection was closed"))
        self._reading.cancel()
        self._looking.cancel()
        await asyncio.wait({self._reading, self._looking})
        await self._connection.disconnect()

    async def _read(self) -> None:
        try:
            while True:
                try:
                    reply = await self._connection.read_response(
                        disable_decoding=True, timeout=math.inf, disconnect_on_error=False
                    )
                except exceptions.ResponseError as error:
                    reply = error
                self._hand_out(reply)
                self._hand_out_rest()
        except (exceptions.RedisError, OSError) as error:
            self._give_up(error)
            self._looking.cancel()
            await self._connection.disconnect(nowait=True)

    def _hand_out_rest(self) -> None:
        """What has come together with a reply: through the layers of redis-py each takes three times as long."""
        parser: Any = self._connection._parser  # noqa: SLF001 - nothing public tells what is there already
        reader = parser._reader  # noqa: SLF001 - as above
        while (reply := reader.gets(False)) is not NOT_ENOUGH_DATA:
            if isinstance(reply, exceptions.ConnectionError):
                raise reply
            self._hand_out(reply)

    def _hand_out(self, reply: Any) -> None:
        self._answers += 1
        left, answer = self._waiting.popleft()
        if left > 1:
            self._waiting.appendleft((left - 1, answer))
        if not answer.done() and (left == 1 or isinstance(reply, exceptions.ResponseError)):
            answer.set_result(reply)

    def _give_up(self, error: Exception) -> None:
        """Nobody knows what became of the commands without an answer."""
        # At once: redis-py would connect again for a command that is sent over a connection it knows to be lost.
        self._usable = False
        # redis-py only closes, and who is sending would wait for ever for a stopped server to read.
        self._transport.abort()
        for _, answer in self._waiting:
            if not answer.done():
                answer.set_exception(error)
        self._waiting.clear()

    async def _look(self) -> None:
        """End the connection when something waits and no answer has come for a whole silence."""
        silent, seen = 0, self._answers
        while silent <= _LOOKS:
            await asyncio.sleep(self._pause)
            silent = silent + 1 if self._waiting and seen == self._answers else 0
            seen = self._answers
        self._give_up(exceptions.TimeoutError("no answer in time"))
        self._reading.cancel()
        await self._connection.disconnect(nowait=True)


async def connect(connections: ConnectionPool, silence: float) -> Wire:
    """Connect; raises what redis-py raises, or TimeoutError after `silence` seconds."""
    connection = connections.make_connection()
    try:
        async with asyncio.timeout(silence):
            await connection.connect()
    except BaseException:
        await connection.disconnect(nowait=True)
        raise
    return Wire(connection, silence)
