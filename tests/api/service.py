"""A real process of one service alone, as it is started on a cluster: `uvicorn services.<name>.app:app`."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from services.store.embedded import EmbeddedStore
from tests.api.server import Server, environment
from tests.waiting import wait_until

FIRST = "the first password of all"
GUARDED = ("--http", "services.web.protocol:Guarded")
"""Of uvicorn's options, the one with which the limits of connections hold."""


def production(store: EmbeddedStore, first: str = FIRST) -> dict[str, str]:
    """Settings of a service on this store, whose first user has this password."""
    return {"FORESAIL_STORE_URL": store.url, "FORESAIL_AUTH_FIRST_PASSWORD": first}


def start(name: str, folder: Path, settings: Mapping[str, str], *options: str) -> Server:
    """Start it and return at once; its log is in the folder."""
    log = folder / f"{name}-{len(list(folder.glob('*.log')))}.log"
    command = [sys.executable, "-m", "uvicorn", f"services.{name}.app:app", "--port", "0", *GUARDED, *options]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, env=environment(folder, settings), stderr=stream, stdout=stream, stdin=subprocess.DEVNULL
        )
    return Server(process, log)


@contextmanager
def alone(name: str, folder: Path, settings: Mapping[str, str], *options: str) -> Iterator[Server]:
    """Run it until the end of the block; it listens at the start of the block."""
    server = start(name, folder, settings, *options)
    try:
        wait_until(lambda: listens(server), f"{name} listens")
        yield server
    finally:
        server.process.terminate()
        server.process.wait(60)


def listens(server: Server) -> bool:
    assert server.process.poll() is None, server.text()
    server.url = server.find(r"running on (http://[\d.:]+)")
    with suppress(httpx.TransportError):
        return bool(server.url) and httpx.get(f"{server.url}/livez").is_success
    return False


def failure(name: str, folder: Path, settings: Mapping[str, str], *options: str) -> str:
    """What it says when it cannot start; it must end by itself, with a non-zero exit code and without a traceback."""
    server = start(name, folder, settings, *options)
    try:
        assert server.process.wait(60) != 0
    finally:
        server.process.kill()
    text = server.text()
    assert "Traceback" not in text
    return text
