"""The parser of requests. Nothing but HTTP/1.1 is spoken here, whatever else a client offers to speak."""

from array import array
from typing import Protocol

from httptools import HttpParserUpgrade, HttpRequestParser


class _Heard(Protocol):
    """What was read of the request so far."""

    url: bytes
    headers: list[tuple[bytes, bytes]]


class PlainParser(HttpRequestParser):
    """Ignores `Upgrade`, as a server may (RFC 9110, 7.8), and reads the request that came with it.

    httptools takes whatever follows such a head for another protocol: it would drop the body, or, where it comes in a
    later packet, read it as a request. So the head is read a second time, without that field. All that is heard of a
    head for which `should_upgrade` holds has to be forgotten.
    """

    def __init__(self, heard: _Heard) -> None:
        self._heard = heard
        self._begin()

    def feed_data(self, data: "bytes | bytearray | memoryview | array[int]") -> None:
        """Read a piece of one or several requests; raises HttpParserError."""
        while True:
            try:
                return super().feed_data(data)
            except HttpParserUpgrade as offered:
                data = self._plain_head() + bytes(data[offered.args[0] :])
                self._begin()  # after `Connection: close` it would read nothing more

    def _begin(self) -> None:
        super().__init__(self._heard)
        self.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn sets it

    def _plain_head(self) -> bytes:
        line = b"%s %s HTTP/%s\r\n" % (self.get_method(), self._heard.url, self.get_http_version().encode())
        fields = [b"%s: %s\r\n" % field for field in self._heard.headers if field[0] != b"upgrade"]
        return b"".join([line, *fields, b"\r\n"])
