"""Each service alone, as on a cluster: it starts, or says in one clear line why not; replicas share everything."""

import asyncio
import json
import socket
from contextlib import ExitStack, closing
from functools import partial
from itertools import chain
from pathlib import Path

import httpx
import pytest

from services.store.embedded import EmbeddedStore
from tests.api.server import Server
from tests.api.service import FIRST, alone, failure, production, start
from tests.store.process import embedded
from tests.store.soundness import connected
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine
NAMES = ("auth", "masterdata", "queueing", "calculations")
ADMIN = {"user": "admin", "password": FIRST}


def test_services_alone_and_two_of_each_share_everything(folder: Path, store_server: EmbeddedStore) -> None:
    """Eight processes: what one of a kind writes, the other reads; and the first user is made once."""
    with ExitStack() as stack:
        pairs = {name: [start(name, folder, production(store_server)) for _ in range(2)] for name in NAMES}
        for server in chain.from_iterable(pairs.values()):
            stack.callback(server.process.wait, 60)
            stack.callback(server.process.terminate)
        for name, pair in pairs.items():
            for server in pair:
                wait_until(partial(_ready, server), f"{name} is ready", timeout=120)
        _use(pairs)
    texts = [server.text() for pair in pairs.values() for server in pair]
    assert [text for text in texts if "Traceback" in text] == []


def _ready(server: Server) -> bool:
    assert server.process.poll() is None, server.text()
    server.url = server.find(r"running on (http://[\d.:]+)")
    return bool(server.url) and httpx.get(f"{server.url}/readyz").is_success


def _use(pairs: dict[str, list[Server]]) -> None:
    one, two = ({name: pair[at].url for name, pair in pairs.items()} for at in (0, 1))
    token = httpx.post(f"{one['auth']}/auth/login", json=ADMIN).json()["token"]
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
        assert client.get(f"{two['auth']}/auth").json()["user"] == "admin"
        assert len(client.get(f"{two['auth']}/auth/users").json()["items"]) == 1
        index = client.post(f"{one['queueing']}/queueing/queues", json={}).json()["index"]
        pushed = client.post(f"{two['queueing']}/queueing/queues/{index}/jobs", json={"assets": [1]}).json()
        for masterdata in (one["masterdata"], two["masterdata"]):
            assert client.get(f"{masterdata}/masterdata/jobs/{pushed['first']}").json()["status"] == "queued"
        assert client.get(f"{two['calculations']}/calculations/runs").json()["items"] == []
        assert client.get(f"{one['masterdata']}/queueing/queues").status_code == 404
        client.put(f"{two['auth']}/auth/login")
        assert client.get(f"{one['masterdata']}/masterdata/jobs").status_code == 401


def test_a_wrong_setting_is_named(folder: Path, store_server: EmbeddedStore) -> None:
    text = failure("queueing", folder, production(store_server) | {"FORESAIL_QUEUE_LEASE_SECONDS": "soon"})
    assert "foresail: [queue] lease_seconds is 'soon'" in text


def test_a_missing_first_password_ends_the_start(folder: Path, store_server: EmbeddedStore) -> None:
    text = failure("auth", folder, production(store_server, ""))
    assert "Foresail auth cannot start: there is no user yet" in text
    assert "set FORESAIL_AUTH_FIRST_PASSWORD" in text


def test_a_taken_metrics_port_ends_the_start(folder: Path, store_server: EmbeddedStore) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        text = failure("masterdata", folder, production(store_server) | {"FORESAIL_WEB_METRICS_PORT": port})
    assert f"cannot start: metrics cannot be served on 127.0.0.1:{port}" in text


def test_a_store_that_would_lose_data_ends_the_start(folder: Path) -> None:
    with embedded(folder / "store") as store:
        asyncio.run(_set(store.url, "maxmemory-policy", "allkeys-lru"))
        asyncio.run(_set(store.url, "appendonly", "no"))
        text = failure("queueing", folder, production(store))
    assert "Foresail queueing cannot start: the store would lose data" in text
    assert "maxmemory-policy is allkeys-lru, needed is noeviction" in text
    assert "appendonly is no, needed is yes" in text


async def _set(url: str, name: str, value: str) -> None:
    async with connected(url) as store:
        await store.command("CONFIG", "SET", name, value)


def test_without_a_store_it_starts_waits_and_makes_the_first_user_when_it_comes(folder: Path) -> None:
    settings = production(EmbeddedStore(folder / "store"))
    with alone("auth", folder, settings) as server, httpx.Client(base_url=server.url) as client:
        assert client.get("/livez").status_code == 200
        refused = client.get("/readyz")
        assert refused.status_code == 503
        assert refused.headers["retry-after"]
        assert client.post("/auth/login", json=ADMIN).status_code == 503
        with embedded(folder / "store"):
            wait_until(lambda: client.get("/readyz").is_success, "it is ready")
            wait_until(lambda: client.post("/auth/login", json=ADMIN).is_success, "the first user is made")


def test_a_missing_first_password_is_told_when_the_store_comes_late(folder: Path) -> None:
    settings = production(EmbeddedStore(folder / "store"), "")
    with alone("auth", folder, settings) as server, embedded(folder / "store"):
        wait_until(lambda: "the first user cannot log in" in server.text(), "it is told")
    (line,) = [json.loads(line) for line in server.text().splitlines() if "the first user cannot log in" in line]
    assert "FORESAIL_AUTH_FIRST_PASSWORD" in line["message"]
