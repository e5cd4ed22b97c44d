"""Foresail whole on a laptop: the embedded store, the exporter and the four services behind one port."""

import argparse
import os
import signal
import socket
import sys
from contextlib import closing

import uvicorn
from fastapi import FastAPI

from services.auth.endpoints import SERVICE as AUTH
from services.calculations.endpoints import SERVICE as CALCULATIONS
from services.config import Settings
from services.errors import ConflictError, ForesailError
from services.keeper import kept
from services.masterdata.endpoints import SERVICE as MASTERDATA
from services.queueing.endpoints import SERVICE as QUEUEING
from services.settings import load, settings
from services.store.embedded import EmbeddedStore
from services.web.app import create_app
from services.web.protocol import Guarded

SERVICES = (AUTH, MASTERDATA, QUEUEING, CALCULATIONS)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_GRACE_SECONDS = 3
"""Then requests that are still served are cut off: a watcher of a run would hold the process for as long as the run."""


class _Server(uvicorn.Server):
    """Says where it listens when it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell."""
        await super().startup(sockets)
        if self.started and sockets:
            print(f"Foresail listens on http://{_place(*sockets[0].getsockname()[:2])}", file=sys.stderr, flush=True)  # noqa: T201


def create() -> FastAPI:
    """The four services in one app, with the paths that an ingress would show."""
    return create_app("on a laptop", SERVICES)


def main() -> None:
    """Start everything and serve until Ctrl-C, SIGTERM or SIGHUP; ends with one clear line where something is wrong."""
    _arguments().parse_args()
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup's wish
        signal.signal(signal.SIGHUP, _hang_up)
    os.environ.setdefault("FORESAIL_WEB_MODE", "local")
    try:
        _serve(load(os.environ))
    except ForesailError as error:
        sys.exit(f"foresail-local: {error.detail}")


def _arguments() -> argparse.ArgumentParser:
    """There are none, but --help must not start a server."""
    settings = "Settings are in config.ini; FORESAIL_WEB_PORT=9000 and the like go before it."
    return argparse.ArgumentParser("foresail-local", description=__doc__, epilog=settings)


def _stop(_signal: int, _frame: object) -> None:
    """Leave every block in good order. A second Ctrl-C must not leave the store or the exporter behind."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


def _hang_up(_signal: int, _frame: object) -> None:
    """The terminal is closed: end like by SIGTERM, which uvicorn understands."""
    signal.raise_signal(signal.SIGTERM)


def _serve(known: Settings) -> None:
    store = None if known.store.url else EmbeddedStore(known.store.folder, known.store.appendfsync)
    if store is not None:
        os.environ["FORESAIL_STORE_URL"] = store.url
    settings.cache_clear()
    with closing(_listen(known.web.host, known.web.port)) as listener:
        server = _Server(_uvicorn(create()))
        with kept(store):
            server.run(sockets=[listener])
    if not server.started:
        sys.exit(1)


def _uvicorn(app: FastAPI) -> uvicorn.Config:
    # uvicorn believes X-Forwarded-For of whoever comes from this machine; here that is everybody.
    return uvicorn.Config(
        app,
        log_config=None,
        loop="uvloop",
        http=Guarded,
        server_header=False,
        proxy_headers="FORWARDED_ALLOW_IPS" in os.environ,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        hint = "set FORESAIL_WEB_PORT to another port, 0 for any, or FORESAIL_WEB_HOST to an address of this machine"
        raise ConflictError(f"cannot listen on {_place(host, port)} ({error.strerror}); {hint}") from error


def _place(host: str, port: int) -> str:
    """As a URL has it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


if __name__ == "__main__":
    main()
