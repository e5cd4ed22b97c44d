"""foresail-local: it starts whole, ends whole, and says what is in the way."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from services import keeper
from services.errors import UnavailableError
from services.store.embedded import EmbeddedStore
from tests.api.server import Server, environment, served, start
from tests.processes import started_for
from tests.signals import ignored, ignores_hang_ups
from tests.waiting import wait_until

LOGIN = {"user": "admin", "password": "admin"}


@contextmanager
def starting(folder: Path, settings: dict[str, str]) -> Iterator[Server]:
    server = start(folder, settings)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()


def refusal(folder: Path, settings: dict[str, str]) -> str:
    with starting(folder, settings) as server:
        assert server.process.wait(60) == 1
        text = server.text()
    assert "Traceback" not in text
    return text


@pytest.mark.parametrize(("words", "code", "said"), [(["--help"], 0, "config.ini"), (["serve"], 2, "serve")])
def test_arguments_start_nothing(folder: Path, words: list[str], code: int, said: str) -> None:
    command = [sys.executable, "-m", "services.local", *words]
    own = environment(folder, {})
    done = subprocess.run(command, env=own, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code
    assert said in done.stdout + done.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_cleanly_and_leaves_no_process_behind(folder: Path, number: signal.Signals) -> None:
    with served(folder, {}) as server:
        assert len(list(started_for(folder))) == 3
        users = folder / "export" / "users.json"
        wait_until(users.is_file, "the exporter runs")
        late = {"name": "late", "role": "employee", "password": "a password"}
        token = httpx.post(f"{server.url}/auth/login", json=LOGIN).json()["token"]
        added = httpx.post(f"{server.url}/auth/users", json=late, headers={"Authorization": f"Bearer {token}"})
        assert added.status_code == 201
        server.process.send_signal(number)
        assert server.process.wait(60) == 0
        assert list(started_for(folder)) == []
        assert "Traceback" not in server.text()
        assert '"late"' in users.read_text("utf-8")


def test_below_nohup_it_outlives_its_terminal(folder: Path) -> None:
    with ignored(signal.SIGHUP), served(folder, {}) as server:
        assert ignores_hang_ups(server.process.pid)


def test_ctrl_c_while_it_starts_leaves_no_process_behind(folder: Path) -> None:
    with starting(folder, {}) as server:
        wait_until((folder / "store.log").exists, "the store starts")
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(60) == 0
        assert list(started_for(folder)) == []
        assert "Traceback" not in server.text()


def test_a_keeper_that_is_stopped_before_its_thread_is_known_starts_nothing(folder: Path) -> None:
    """As by a signal within the start of the thread."""
    store = EmbeddedStore(folder)
    kept = keeper.Keeper(store)
    kept.stop()
    kept.start()
    assert store.process is None


def test_an_exporter_that_cannot_be_started_is_told_and_nothing_stays_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the machine has no room for another process."""
    store = EmbeddedStore(folder)
    monkeypatch.setattr(sys, "executable", str(folder / "missing"))
    with pytest.raises(UnavailableError, match=r"the exporter cannot be started: .*missing"), keeper.kept(store):
        pytest.fail("it started")
    assert store.process is None
    assert list(started_for(folder)) == []


def test_an_exporter_that_is_not_wanted_any_more_ends_though_who_started_it_ignores_sigterm(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As foresail-local does while it ends; else a Ctrl-C in the moment of its start took half a minute."""
    for name, value in environment(folder, {}).items():
        monkeypatch.setenv(name, value)
    with ignored(signal.SIGTERM):
        exporter = keeper._start_exporter()
    try:
        exporter.communicate(timeout=30)  # closes its standard input and waits for its end
    finally:
        exporter.kill()
        exporter.wait()


def test_a_taken_port_is_named(folder: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        text = refusal(folder, {"FORESAIL_WEB_PORT": str(port)})
    assert f"foresail-local: cannot listen on 127.0.0.1:{port}" in text
    assert "FORESAIL_WEB_PORT" in text


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_it_listens_on_an_address_of_ipv6(folder: Path) -> None:
    with served(folder, {"FORESAIL_WEB_HOST": "::1"}) as server:
        assert re.fullmatch(r"http://\[::1\]:\d+", server.url)
        assert httpx.get(f"{server.url}/livez").is_success


def test_an_address_of_another_machine_is_named(folder: Path) -> None:
    text = refusal(folder, {"FORESAIL_WEB_HOST": "2001:db8::1"})
    assert re.search(r"cannot listen on \[2001:db8::1\]:0 \(.*\); .*FORESAIL_WEB_HOST", text)


def test_a_taken_metrics_port_is_named_and_nothing_stays_behind(folder: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with starting(folder, {"FORESAIL_WEB_METRICS_PORT": str(port)}) as server:
            assert server.process.wait(60) != 0
    assert f"metrics cannot be served on 127.0.0.1:{port}" in server.text()
    assert "Traceback" not in server.text()
    assert "listens on" not in server.text()
    assert list(started_for(folder)) == []


def test_two_on_one_folder_are_told_apart(folder: Path) -> None:
    with served(folder, {}):
        assert f"another Foresail uses the folder {folder}" in refusal(folder, {})


def test_after_a_kill_the_next_one_takes_over(folder: Path) -> None:
    with served(folder, {}) as server:
        token = httpx.post(f"{server.url}/auth/login", json=LOGIN).json()["token"]
        server.process.kill()
        server.process.wait()
    with served(folder, {}) as again:
        assert httpx.get(f"{again.url}/auth", headers={"Authorization": f"Bearer {token}"}).is_success
        wait_until(lambda: len(list(started_for(folder))) == 3, "the killed one's exporter has ended")
    assert list(started_for(folder)) == []


@pytest.mark.parametrize("name", ["valkey-server", "export_while_wanted"])
def test_a_killed_child_is_started_again(folder: Path, name: str) -> None:
    with served(folder, {}) as server:
        (child,) = children(folder, name)
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: children(folder, name) not in ([], [child]), "it is started again")
        wait_until(lambda: httpx.get(f"{server.url}/readyz").is_success, "ready again")
        assert re.search(r"has ended by itself.* and is started again", server.text())


def children(folder: Path, name: str) -> list[int]:
    return [process.pid for process in started_for(folder) if name in " ".join(process.words)]


def test_forwarded_addresses_are_not_believed(folder: Path) -> None:
    """One client, however it calls itself: the back-off of its address holds."""
    with served(folder, {"FORESAIL_AUTH_FREE_CLIENT_FAILURES": "1"}) as server:
        answers = [
            httpx.post(
                f"{server.url}/auth/login",
                json={"user": f"user{number}", "password": "wrong"},
                headers={"X-Forwarded-For": f"10.0.0.{number}"},
            ).status_code
            for number in range(3)
        ]
    assert answers == [401, 401, 429]


def test_an_address_that_a_proxy_tells_is_on_record_without_what_a_terminal_would_obey(folder: Path) -> None:
    with served(folder, {"FORWARDED_ALLOW_IPS": "127.0.0.1"}) as server:
        told = [(b"X-Forwarded-For", b"10.0.0.1\x9b2J" + b"x" * 200)]
        token = httpx.post(f"{server.url}/auth/login", json=LOGIN, headers=told).json()["token"]
        header = {"Authorization": f"Bearer {token}"}
        newest = httpx.get(f"{server.url}/auth/audit", headers=header).json()["items"][0]
    assert newest["client"] == "10.0.0.1?2J" + "x" * 89
