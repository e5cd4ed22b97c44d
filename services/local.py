"""Foresail whole on a laptop: the embedded store, the exporter and the four services behind one port."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import uvicorn
from fastapi import FastAPI

from services.auth.endpoints import SERVICE as AUTH
from services.calculations.endpoints import SERVICE as CALCULATIONS
from services.config import Settings, load, settings
from services.errors import ConflictError, ForesailError
from services.masterdata.endpoints import SERVICE as MASTERDATA
from services.queueing.endpoints import SERVICE as QUEUEING
from services.store.embedded import EmbeddedStore
from services.web.app import create_app


def create() -> FastAPI:
    """The four services in one app, with the paths that an ingress would show."""
    return create_app("on a laptop", [AUTH, MASTERDATA, QUEUEING, CALCULATIONS])


def main() -> None:
    """Start everything and serve until Ctrl-C; ends with one clear line where something is in the way."""
    os.environ.setdefault("FORESAIL_WEB_MODE", "local")
    try:
        with ExitStack() as stack:
            _serve(stack, load(os.environ))
    except ForesailError as error:
        sys.exit(f"foresail-local: {error.detail}")


def _serve(stack: ExitStack, known: Settings) -> None:
    listener = stack.enter_context(closing(_listen(known.web.host, known.web.port)))
    if not known.store.url:
        store = EmbeddedStore(known.store.folder)
        stack.callback(store.stop)
        store.start()
        os.environ["FORESAIL_STORE_URL"] = store.url
    settings.cache_clear()
    server = uvicorn.Server(uvicorn.Config(create(), log_config=None, loop="uvloop", http="httptools"))
    stack.enter_context(_exporter())
    host, port = listener.getsockname()[:2]
    print(f"Foresail listens on http://{host}:{port}", file=sys.stderr, flush=True)
    server.run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise ConflictError(
            f"cannot listen on {host}:{port} ({error.strerror}); set FORESAIL_WEB_PORT to another port, or to 0 for any"
        ) from error


@contextmanager
def _exporter() -> Iterator[None]:
    # A group of its own: Ctrl-C must reach it after the services have written their last.
    process = subprocess.Popen([sys.executable, "-m", "services.exporter"], start_new_session=True)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


if __name__ == "__main__":
    main()
