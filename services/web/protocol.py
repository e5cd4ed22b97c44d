"""The connections of a service, guarded: uvicorn limits neither a request's head nor the time that a client takes.

`uvicorn --http services.web.protocol:Guarded`.
"""

import asyncio
from math import inf
from typing import Any
from urllib.parse import unquote

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from services.errors import ForesailError, HeadTooLargeError, MalformedError, OverloadedError, TooSlowError
from services.settings import settings
from services.web import metrics, problems
from services.web.parser import PlainParser

_KIB = 1024
_LOOKS = 4
"""How often a connection is looked at within the time that its client may take."""
_MOST_AHEAD = 16
"""Requests that a client may send before the first is answered: a small packet holds thousands."""
_MOST_UNSENT = 64 * _KIB * _KIB
"""Bytes of answers that clients have yet to take, of all connections: each answer may have a dozen MiB."""
_LONGEST_PATH = 200


class Guarded(HttpToolsProtocol):
    """One connection. What is due from its client, and what it sent in vain, is kept from byte to byte."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.parser = PlainParser(self)
        known = settings().web
        self._limit = known.head_limit_kib * _KIB
        self._patience = known.slow_client_seconds
        self._rate = known.least_kib_a_second * _KIB
        self._most = known.most_connections
        self.url = b""
        self.heard = 0.0
        """When the client last sent something."""
        self._due = inf
        """When the client must have sent more of a request; never while nothing is awaited."""
        self._vain = 0
        """Bytes since a head began, or since the last of a body: no client needs many."""
        self._drain_due = inf
        self.slow_since = inf
        """Since when the client has an answer to take; not where there is none."""
        self._unsent = 0
        self._refusal: ForesailError | None = None
        self._over = False
        self._looking: asyncio.TimerHandle | None = None
        self._looked = 0.0

    @property
    def waits(self) -> bool:
        """Whether nobody misses this connection much: no request is being served, or the body of one does not come."""
        gone = self.transport.is_closing() and not self.transport.get_write_buffer_size()
        return not gone and (not self._is_served() or self._is_awaited())

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has come; where there are too many, the one that was silent for longest goes."""
        super().connection_made(transport)
        self.heard = self.loop.time()
        self._due = self.heard + self._patience
        self._look_later()
        if len(self.connections) > self._most:
            others = [one for one in self.connections if isinstance(one, Guarded) and one is not self and one.waits]
            if others:
                min(others, key=lambda one: one.heard).leave()
            else:
                self._refuse(OverloadedError(f"{self._most} connections are in use, the most here; try again"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        super().connection_lost(exc)
        self._over = True
        if self._looking is not None:
            self._looking.cancel()

    def leave(self) -> None:
        """Make room for somebody else."""
        metrics.REFUSED.labels("connections").inc()
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """A piece of one or several requests."""
        if self._over:
            return  # read on and away: a client that still sends would lose the answer to a closed connection
        self.heard = self.loop.time()
        if self._due == inf:
            self._due = self.heard + self._patience
        self._vain += len(data)
        super().data_received(data)
        if self._vain > self._limit:
            self._refuse(self._head_too_large())
        elif self._due != inf:
            self._look_later()

    def on_headers_complete(self) -> None:
        """A head is complete. Raises what is wrong with it; the parser hands that on to `send_400_response`."""
        size = len(self.url) + sum(len(name) + len(value) + len(": \r\n") for name, value in self.headers)
        if size > self._limit:
            self._refusal = self._head_too_large()
        elif len(self.pipeline) >= _MOST_AHEAD:
            self._refusal = MalformedError(f"more than {_MOST_AHEAD} requests were sent ahead of their answers")
        elif self.parser.get_method() == b"CONNECT":
            self._refusal = MalformedError("CONNECT asks a proxy for a connection, and this is no proxy")
        if self._refusal is not None:
            raise self._refusal
        if self.parser.should_upgrade():
            return  # the parser reads it again
        self._due, self._vain = self.loop.time() + self._patience, 0
        super().on_headers_complete()
        # Trailers come after the body, when the request is being served: they are none of its headers.
        self.headers = []

    def on_body(self, body: bytes) -> None:
        """A piece of a body buys time, but never more than one patience from now."""
        self._due = min(self.heard + self._patience, self._due + len(body) / self._rate)
        self._vain = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is complete, so nothing is awaited of the client."""
        if self.parser.should_upgrade():
            return
        self._due, self._vain = inf, 0
        super().on_message_complete()

    def pause_writing(self) -> None:
        """The client does not take its answer as fast as it is written."""
        super().pause_writing()
        self._unsent = self.transport.get_write_buffer_size()
        self.slow_since = self.loop.time()
        self._drain_due = self.slow_since + self._patience
        self._look_later()
        self._make_room()

    def resume_writing(self) -> None:
        """The client has taken nearly all."""
        super().resume_writing()
        self._drain_due = self.slow_since = inf

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser could not read, in the shape of all our errors."""
        self._refuse(self._refusal or MalformedError(msg))

    def _head_too_large(self) -> HeadTooLargeError:
        return HeadTooLargeError(f"the head of the request has more than {self._limit // _KIB} KiB, the most here")

    def _look_later(self) -> None:
        if self._looking is None:
            self._looking = self.loop.call_later(self._patience / _LOOKS, self._look)

    def _look(self) -> None:
        """Who was not done at the look before has to go: in between, a busy process has read what lay there."""
        self._looking, now, before = None, self.loop.time(), self._looked
        self._looked = now
        if self._is_held_up() and self._due != inf and not self._over:
            self._due = now + self._patience
        if self._drain_due != inf:
            left = self.transport.get_write_buffer_size()
            taken, self._unsent = max(0, self._unsent - left), left
            self._drain_due = min(now + self._patience, self._drain_due + taken / self._rate)
        if before >= self._drain_due or (self._over and before >= self._due):
            self.cut()
            return
        if before >= self._due:
            self._refuse(TooSlowError(f"the rest of the request did not come within {self._patience:g} s"))
        if min(self._due, self._drain_due) != inf:
            self._look_later()

    def _make_room(self) -> None:
        """Where the answers that clients have yet to take are too much together, cut those that take longest."""
        slow = [one for one in self.connections if isinstance(one, Guarded) and one.slow_since != inf]
        slow.sort(key=lambda one: one.slow_since, reverse=True)
        unsent = sum(one.transport.get_write_buffer_size() for one in slow)
        while unsent > _MOST_UNSENT and slow:
            unsent -= slow[-1].transport.get_write_buffer_size()
            slow.pop().cut()

    def cut(self) -> None:
        """End the connection, whatever its client has yet to take."""
        self._drain_due = self.slow_since = inf
        metrics.REFUSED.labels(TooSlowError.code).inc()
        self.transport.abort()

    def _is_held_up(self) -> bool:
        """Whether the client waits for us, who do not read or have not said that we will."""
        return self.flow.read_paused or (self._is_served() and self.cycle.waiting_for_100_continue)

    def _is_awaited(self) -> bool:
        """Whether the request that is being served has more to come, and from its client."""
        return self.cycle.more_body and not self.pipeline and not self._is_held_up()

    def _is_served(self) -> bool:
        # uvicorn declares that there always is a cycle; before the first request there is none.
        cycle: RequestResponseCycle | None = getattr(self, "cycle", None)
        return cycle is not None and not cycle.response_complete

    def _refuse(self, error: ForesailError) -> None:
        """Answer with an error and close, but let the client finish reading the answer."""
        if self._over or self.transport.is_closing():
            return
        self._over = True
        metrics.REFUSED.labels(error.code).inc()
        self._unset_keepalive_if_required()
        served = self._is_served()
        if self.pipeline or (served and self.cycle.response_started):
            self.transport.abort()  # an answer to another question would stand amid the one that is being given
            return
        if served:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write(_packed(error, self.url))
        if not self.transport.can_write_eof():  # TLS cannot say that only one side is done
            self.transport.close()
            return
        self.transport.write_eof()
        self.flow.resume_reading()
        self._due = self.loop.time() + self._patience
        self._look_later()


def _packed(error: ForesailError, url: bytes) -> bytes:
    """The bytes of the answer for an error that no request's path through the app will give."""
    path = unquote(url.partition(b"?")[0].decode("ascii", "replace"))
    answer = problems.outside(problems.of_error(path[:_LONGEST_PATH], error))
    lines = [name + b": " + value + b"\r\n" for name, value in answer.raw_headers]
    return b"".join([STATUS_LINE[error.status], *lines, b"connection: close\r\n\r\n", bytes(answer.body)])
