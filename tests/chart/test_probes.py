"""What the store's probes make of a real store's answers: it is ended only where it gives none."""

import os
import re
import resource
import socket as sockets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.chart.rendering import render
from tests.store.process import running
from tests.waiting import wait_until

FILL = b"EVAL \"for key = 1, 50000 do redis.call('SET', key, '') end\" 0\r\n"
ENDLESS = b'EVAL "while true do end" 0\r\n'
CLI = """#!{python}
import socket
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect("{socket}")
    connection.sendall(b"PING\\r\\n")
    print(connection.recv(1024).decode())
"""
"""In the place of valkey-cli, which is in the store's image and not on this machine."""


@contextmanager
def well() -> Iterator[Path]:
    with running() as socket:
        yield socket


@contextmanager
def reading_its_file() -> Iterator[Path]:
    slow = ("--enable-debug-command", "yes", "--key-load-delay", "300")
    with running("--appendonly", "yes", "--save", "", *slow) as socket:
        ask(socket, FILL)
        with busy_with(socket, b"DEBUG LOADAOF\r\n"):
            yield socket


@contextmanager
def in_a_long_script() -> Iterator[Path]:
    with running("--busy-reply-threshold", "1") as socket, busy_with(socket, ENDLESS):
        yield socket


@contextmanager
def on_a_full_disk() -> Iterator[Path]:
    with running("--appendonly", "yes", "--save", "") as socket:
        found = re.search(rb"process_id:(\d+)", ask(socket, b"INFO server\r\n"))
        assert found
        resource.prlimit(int(found[1]), resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        ask(socket, b"SET key value\r\n")
        yield socket


@pytest.mark.parametrize(
    ("state", "answer", "passed"),
    [
        (well, b"+PONG", {"startup", "liveness", "readiness"}),
        (reading_its_file, b"-LOADING", {"startup", "liveness"}),
        (in_a_long_script, b"-BUSY", {"liveness"}),
        # Reading goes on, and its end would take what it accepted and could not write down yet.
        (on_a_full_disk, b"-MISCONF", {"startup", "liveness", "readiness"}),
    ],
)
def test_a_store_that_answers_is_not_ended(
    helm: str, tmp_path: Path, state: Callable[[], AbstractContextManager[Path]], answer: bytes, passed: set[str]
) -> None:
    (container,) = render(helm).pods()["foresail-store"]["spec"]["containers"]
    with state() as socket:
        wait_until(lambda: ask(socket, b"PING\r\n").startswith(answer), f"it answers {answer!r}")
        program = tmp_path / "valkey-cli"
        program.write_text(CLI.format(python=sys.executable, socket=socket), "utf-8")
        program.chmod(0o755)
        environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
        probes = {name: container[f"{name}Probe"]["exec"]["command"] for name in ("startup", "liveness", "readiness")}
        found = {name for name, words in probes.items() if not subprocess.call(words, env=environment)}
    assert found == passed


def ask(socket: Path, command: bytes) -> bytes:
    """What the store answers to one command."""
    with sockets.socket(sockets.AF_UNIX) as connection:
        connection.connect(str(socket))
        connection.sendall(command)
        return connection.recv(1 << 16)


@contextmanager
def busy_with(socket: Path, command: bytes) -> Iterator[None]:
    """The store works on a command for the block."""
    with sockets.socket(sockets.AF_UNIX) as connection:
        connection.connect(str(socket))
        connection.sendall(command)
        yield
