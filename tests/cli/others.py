"""Servers that are no Foresail server: they answer every request in one way, and keep the tokens they are sent."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Other:
    """A running server, and the Authorization of each request to it."""

    url: str = ""
    seen: list[str | None] = field(default_factory=list)


@contextmanager
def answering(answer: Callable[[BaseHTTPRequestHandler], object], tls: ssl.SSLContext | None = None) -> Iterator[Other]:
    """Serve until the end of the block: `answer` sends what is sent for a request."""
    other = Other()

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            other.seen.append(self.headers["Authorization"])
            # Who closes a connection with something unread in it resets it, and takes the answer along.
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            answer(self)

        do_GET = do_PUT = do_POST = do_DELETE = handle_one  # noqa: N815 - names of http.server

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        other.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
        # Its end is looked for as often as that: by default a block would take half a second longer.
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield other
        server.shutdown()


def status(code: int, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """An answer of this status."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return answer
