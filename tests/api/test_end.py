"""The end of a service: what takes longer than it may is answered, and is on record like everything else."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.store import audit
from services.store.audit import Action, Entry, Outcome
from services.store.embedded import EmbeddedStore
from tests.api.people import admin_at
from tests.api.server import Server
from tests.api.service import alone
from tests.api.wires import answer, connection
from tests.store.soundness import connected

SHORT = ("--timeout-graceful-shutdown", "1")
EXPECT = "Host: x\r\nExpect: 100-continue\r\n"


@contextmanager
def ended(store: EmbeddedStore, folder: Path, head: str, begin: bytes = b"") -> Iterator[Server]:
    """A service that was told to end while the body of this request was awaited; the answer is read at the end."""
    with alone("masterdata", folder, {"FORESAIL_STORE_URL": store.url}, *SHORT) as server:
        with connection(server) as wire:
            wire.sendall(head.encode())
            assert wire.recv(65536).startswith(b"HTTP/1.1 100 "), "its body is awaited"
            wire.sendall(begin)
            server.process.terminate()
            found = answer(wire)
        assert found.status == 503
        assert found.headers["content-type"] == "application/problem+json"
        assert "the service is ending, and the request was cut off" in found.body["detail"]
        server.process.wait(60)
        assert "Traceback" not in server.text()
        yield server


async def _trail(url: str) -> list[Entry]:
    async with connected(url) as store:
        return (await audit.page(store, "", 10, lambda _: True))[0]


def test_what_an_end_cuts_off_is_answered_and_on_record(store_server: EmbeddedStore, tmp_path: Path) -> None:
    token = asyncio.run(admin_at(store_server.url))
    head = (
        f"PUT /masterdata/datasets/slow HTTP/1.1\r\n{EXPECT}Authorization: Bearer {token}\r\nContent-Type: text/csv\r\n"
    )
    with ended(store_server, tmp_path, f"{head}Content-Length: 1000000\r\n\r\n", b"day,a\n") as server:
        (entry,) = asyncio.run(_trail(store_server.url))
        assert (entry.subject, entry.action, entry.target) == ("ann", Action.DATASET_PUT, "slow")
        assert entry.outcome == Outcome.FAILED
        assert "PUT /masterdata/datasets/slow 503" in server.text()


@pytest.mark.parametrize("begin", [b"", b"{"])
def test_a_small_body_that_has_not_come_is_answered_too(
    store_server: EmbeddedStore, tmp_path: Path, begin: bytes
) -> None:
    head = f"POST /masterdata/jobs HTTP/1.1\r\n{EXPECT}Content-Type: application/json\r\nContent-Length: 60\r\n\r\n"
    with ended(store_server, tmp_path, head, begin):
        assert asyncio.run(_trail(store_server.url)) == []
