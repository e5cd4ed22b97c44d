"""One connection that all requests of a process share: commands leave as they come, and answers return in that order.

A connection for each request costs a service more than all of its other work on the request.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, cast

import hiredis

from services.store.address import Address

Argument = str | bytes | int | float
_LOOKS = 4
"""How often silence is looked for within the time that it may last."""


class Wire(asyncio.Protocol):
    """A connection. `silence` is how many seconds the server may take to go on before it counts as away."""

    def __init__(self, silence: float) -> None:
        self._silence = silence
        self._reader = hiredis.Reader()
        self._waiting: deque[tuple[int, asyncio.Future[Any]]] = deque()
        self._transport: asyncio.Transport | None = None
        self._closed = asyncio.get_running_loop().create_future()
        self._progress: tuple[int, int] = (0, 0)
        self._received = 0
        self._silent_looks = 0
        self._look: asyncio.TimerHandle | None = None

    @property
    def usable(self) -> bool:
        """Whether commands can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    async def send(self, commands: Sequence[Sequence[Argument]]) -> Any:
        """Send commands; returns the answer to the last of them, or the first that is an error, which is not raised."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionError("the connection is closed")
        if not self._waiting:
            self._silent_looks = 0
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((len(commands), answer))
        self._transport.write(b"".join([_packed(words) for words in commands]))
        return await answer

    async def close(self) -> None:
        """Close the connection; what still waits for an answer fails."""
        if self._transport is not None:
            self._transport.abort()
            await self._closed

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands: begin to look for silence."""
        self._transport = cast("asyncio.Transport", transport)
        self._look_again()

    def data_received(self, data: bytes) -> None:
        """Hand every answer that is whole to whoever waits for it."""
        self._received += len(data)
        self._reader.feed(data)
        while (reply := self._reader.gets()) is not False:
            left, answer = self._waiting.popleft()
            if left > 1:
                self._waiting.appendleft((left - 1, answer))
            if not answer.done() and (left == 1 or isinstance(reply, hiredis.ReplyError)):
                answer.set_result(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone, and nobody knows what became of the commands without an answer."""
        if self._look is not None:
            self._look.cancel()
        for _, answer in self._waiting:
            if not answer.done():
                answer.set_exception(exc or ConnectionError("the store closed the connection"))
        self._waiting.clear()
        if not self._closed.done():
            self._closed.set_result(None)

    def _look_again(self) -> None:
        self._look = asyncio.get_running_loop().call_later(self._silence / _LOOKS, self._look_for_silence)

    def _look_for_silence(self) -> None:
        """A long transfer is no silence: it goes on, in one direction or the other."""
        assert self._transport is not None
        progress = (self._received, self._transport.get_write_buffer_size())
        moved, self._progress = progress != self._progress, progress
        self._silent_looks = 0 if moved or not self._waiting else self._silent_looks + 1
        if self._silent_looks > _LOOKS:
            self._transport.abort()
        self._look_again()


def _packed(words: Sequence[Argument]) -> bytes:
    packed: bytes = hiredis.pack_command(tuple(words))  # type: ignore[arg-type] # it asks for one kind more, in a tuple
    return packed


async def connect(address: Address, silence: float) -> Wire:
    """Connect; raises OSError, or TimeoutError after `silence` seconds."""
    async with asyncio.timeout(silence):
        wire = await _open(address, silence)
        for words in _greeting(address):
            answer = await wire.send([words])
            if isinstance(answer, hiredis.ReplyError):
                await wire.close()
                raise ConnectionError(str(answer))
    return wire


async def _open(address: Address, silence: float) -> Wire:
    loop = asyncio.get_running_loop()
    if address.path:
        return (await loop.create_unix_connection(lambda: Wire(silence), address.path))[1]
    return (await loop.create_connection(lambda: Wire(silence), address.host, address.port, ssl=address.tls))[1]


def _greeting(address: Address) -> list[tuple[Argument, ...]]:
    """The commands that come first: who we are, and which database is meant."""
    words: list[tuple[Argument, ...]] = []
    if address.password:
        words.append(("AUTH", address.user, address.password))
    if address.database:
        words.append(("SELECT", address.database))
    return words
