"""A real `foresail-local` process and people of each role who talk to it by HTTP."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import httpx
from argon2 import PasswordHasher

from services.config import StoreSettings
from services.models import Role
from services.store import users
from services.store.connection import Store
from tests.waiting import wait_until

PASSWORD = "correct horse battery"
_CHEAP = {"FORESAIL_AUTH_HASH_MEMORY_KIB": "64", "FORESAIL_AUTH_HASH_PASSES": "1"}
HASH = PasswordHasher(1, 64, 1).hash(PASSWORD)
"""Of the password, at the least cost there is."""


@dataclass
class Server:
    """A running process; `log` holds everything that it wrote to standard error."""

    process: subprocess.Popen[bytes]
    log: Path
    url: str = ""

    def text(self) -> str:
        return self.log.read_text("utf-8")

    def find(self, pattern: str) -> str:
        found = re.search(pattern, self.text())
        return found[1] if found else ""

    def metrics(self) -> str:
        """What Prometheus would read."""
        # Where the store is away, they take as long as the scrape waits for it: httpx's own limit, to the second.
        answer = httpx.get(self.find(r"metrics on (http://[\d.:]+/metrics)"), timeout=30)
        return answer.raise_for_status().text


def environment(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """A process' environment: free ports, cheap hashes, all its files in the folder, and these settings."""
    ports = {f"FORESAIL_{name}_PORT": "0" for name in ("WEB", "WEB_METRICS", "EXPORT_METRICS")}
    own = {"FORESAIL_STORE_FOLDER": str(folder), "FORESAIL_EXPORT_FOLDER": str(folder / "export")}
    return {**os.environ, **ports, **_CHEAP, **own, **settings}


@contextmanager
def served(folder: Path, settings: Mapping[str, str]) -> Iterator[Server]:
    """Run `foresail-local` with these settings until the end of the block."""
    server = start(folder, settings)
    try:
        wait_until(lambda: listens(server), "foresail-local listens", 120)
        yield server
    finally:
        server.process.terminate()
        server.process.wait(60)


def start(folder: Path, settings: Mapping[str, str]) -> Server:
    """Start `foresail-local` and return at once; its log is in the folder."""
    log = folder / f"server-{len(list(folder.glob('*.log')))}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.local"],
            env=environment(folder, settings),
            stderr=stream,
            stdin=subprocess.DEVNULL,
        )
    return Server(process, log)


def listens(server: Server) -> bool:
    assert server.process.poll() is None, server.text()
    server.url = server.find(r"listens on (http://\S+)")
    with suppress(httpx.TransportError):
        return bool(server.url) and httpx.get(f"{server.url}/readyz").is_success
    return False


@dataclass
class Api:
    """The API as each kind of person sees it: clients with the token of a user of that role."""

    server: Server
    store_url: str
    clients: list[httpx.Client] = field(default_factory=list)

    @cached_property
    def nobody(self) -> httpx.Client:
        return self._client({})

    @cached_property
    def admin(self) -> httpx.Client:
        return self.person("admin", Role.ADMIN)

    @cached_property
    def manager(self) -> httpx.Client:
        return self.person("mia", Role.MANAGER)

    @cached_property
    def employee(self) -> httpx.Client:
        return self.person("emil", Role.EMPLOYEE)

    @cached_property
    def colleague(self) -> httpx.Client:
        return self.person("cora", Role.EMPLOYEE)

    def person(self, name: str, role: Role) -> httpx.Client:
        """A new user, logged in."""
        asyncio.run(self._add(name, role))
        answer = self.nobody.post("/auth/login", json={"user": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return self._client({"Authorization": f"Bearer {answer.json()['token']}"})

    def close(self) -> None:
        for client in self.clients:
            client.close()

    async def _add(self, name: str, role: Role) -> None:
        store = Store.connect(StoreSettings(url=self.store_url))
        await users.create(store, name, role, HASH)
        await store.close()

    def _client(self, headers: Mapping[str, str]) -> httpx.Client:
        self.clients.append(httpx.Client(base_url=self.server.url, headers=headers, timeout=30))
        return self.clients[-1]
