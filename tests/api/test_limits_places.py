"""More requests at a time than there are places: 503 at once, to each kind for itself; health is always answered."""

import asyncio
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from services.store import queues, runs
from services.store.embedded import EmbeddedStore
from tests.api.people import admin_at
from tests.api.server import Server, served
from tests.api.wires import answer, connection, refused
from tests.store.process import embedded, short_folder, silent
from tests.store.soundness import connected
from tests.waiting import wait_until

LIMITS = {
    "FORESAIL_STORE_TIMEOUT_SECONDS": "30",
    "FORESAIL_WEB_MODE": "local",
    "FORESAIL_WEB_MOST_REQUESTS": "4",
    "FORESAIL_WEB_MOST_LONG_REQUESTS": "2",
    "FORESAIL_WEB_MOST_WATCHERS": "2",
    "FORESAIL_WEB_SLOW_CLIENT_SECONDS": "60",
}
LARGE = 300 * 1024
SMALL, JSON = b'{"user": "a"}', {"Content-Type": "application/json"}
RUN = 1


@pytest.fixture(scope="module")
def own_store() -> Iterator[EmbeddedStore]:
    """A store of one's own, to be stopped."""
    with short_folder() as folder, embedded(folder) as store:
        yield store


@pytest.fixture(scope="module")
def busy(own_store: EmbeddedStore) -> Iterator[Server]:
    """A server with few places."""
    with short_folder() as folder:
        with served(folder, {"FORESAIL_STORE_URL": own_store.url, **LIMITS}) as server:
            yield server
        assert "Traceback" not in server.text()


@pytest.fixture(scope="module")
def token(own_store: EmbeddedStore, busy: Server) -> str:
    """An admin's; and there is a run that waits for its program."""

    async def make() -> str:
        async with connected(own_store.url) as store:
            assert await runs.start(store, await queues.create(store, "", 3), "ann", 1, 3600) == RUN
        return await admin_at(own_store.url)

    assert busy.url
    return asyncio.run(make())


@pytest.fixture
def client(busy: Server, token: str) -> Iterator[httpx.Client]:
    header = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=busy.url, headers=header, timeout=60, limits=httpx.Limits()) as found:
        yield found


def assert_sent_away(found: httpx.Response, kind: str) -> None:
    assert found.status_code == 503
    assert found.headers["content-type"] == "application/problem+json"
    assert (found.headers["cache-control"], found.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert int(found.headers["retry-after"]) >= 1
    assert found.json()["code"] == "overloaded"
    assert found.json()["detail"].endswith(f"{kind} are being served, the most at a time; try again")


def test_requests_beyond_the_places_are_sent_away_at_once(
    busy: Server, client: httpx.Client, own_store: EmbeddedStore
) -> None:
    before = refused(busy, "requests")
    with ThreadPoolExecutor(12) as threads:
        with silent(own_store):  # whatever needs the store keeps its place
            asked = [threads.submit(client.get, "/queueing/queues") for _ in range(10)]
            wait_until(lambda: sum(one.done() for one in asked) == 6, "all beyond the places are answered")
            sent_away = [one for one in asked if one.done()]
            for one in sent_away:
                assert_sent_away(one.result(), "requests")
            assert client.get("/livez").status_code == 200
            assert refused(busy, "requests") == before + 6
        assert [one.result().status_code for one in asked if one not in sent_away] == [200] * 4
    assert client.get("/queueing/queues").status_code == 200, "places are given back"


@contextmanager
def held(busy: Server, token: str, method: str, path: str, count: int) -> Iterator[list[socket.socket]]:
    """Requests whose large bodies do not come: each keeps a place of its kind."""
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: text/csv\r\n"
    with ExitStack() as stack:
        wires = [stack.enter_context(connection(busy)) for _ in range(count)]
        for wire in wires:
            wire.sendall(f"{head}Content-Length: {LARGE}\r\n\r\n".encode())
        yield wires


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        pytest.param("POST", "/masterdata/jobs", "calculations", id="calculations"),
        pytest.param("POST", "/queueing/queues/1/jobs", "large requests", id="many jobs"),
        pytest.param("PUT", "/masterdata/datasets/x", "uploads", id="uploads"),
    ],
)
def test_what_takes_long_has_places_of_its_own(
    busy: Server, client: httpx.Client, token: str, method: str, path: str, kind: str
) -> None:
    body, header = b"x" * LARGE, {"Content-Type": "text/csv"}

    def ask() -> httpx.Response:
        return client.request(method, path, content=body, headers=header)

    with held(busy, token, method, path, 2):
        wait_until(lambda: ask().status_code == 503, "the places are taken")
        assert_sent_away(ask(), kind)
        for other in ("/queueing/queues", "/auth", "/readyz"):
            assert client.get(other).status_code == 200
    wait_until(lambda: ask().status_code != 503, "places are given back when their clients are gone")


def test_logins_have_places_of_their_own(client: httpx.Client, own_store: EmbeddedStore) -> None:
    body = {"user": "nobody", "password": "wrong"}
    with ThreadPoolExecutor(3) as threads:
        with silent(own_store):
            asked = [threads.submit(client.post, "/auth/login", json=body) for _ in range(3)]
            wait_until(lambda: any(one.done() for one in asked), "the one beyond the places is answered")
            assert_sent_away(next(one for one in asked if one.done()).result(), "logins")
        assert sorted(one.result().status_code for one in asked) == [401, 401, 503]


@pytest.mark.parametrize("length", [f"Content-Length: {len(SMALL)}", "Transfer-Encoding: chunked"])
def test_a_small_body_takes_no_place_before_it_has_come(busy: Server, client: httpx.Client, length: str) -> None:
    """Or a few heads a second would keep everybody out."""
    head = f"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{length}\r\n"
    with ExitStack() as stack:
        wires = [stack.enter_context(connection(busy)) for _ in range(6)]
        for wire in wires:
            wire.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
            assert wire.recv(65536).startswith(b"HTTP/1.1 100 "), "its body is awaited"
        assert client.post("/auth/login", content=SMALL, headers=JSON).status_code == 422
        for half in (SMALL[:5], SMALL[5:]):
            wires[0].sendall(b"%x\r\n%s\r\n" % (len(half), half) if "chunked" in length else half)
        wires[0].sendall(b"0\r\n\r\n" if "chunked" in length else b"")
        assert answer(wires[0]).status == 422


def test_watchers_have_places_of_their_own(client: httpx.Client) -> None:
    path = f"/calculations/runs/{RUN}/events"
    with client.stream("GET", path) as one, client.stream("GET", path) as two:
        assert (one.status_code, two.status_code) == (200, 200)
        assert_sent_away(client.get(path), "watchers")
        assert client.get(f"/calculations/runs/{RUN}").status_code == 200

    def can_watch() -> bool:
        with client.stream("GET", path) as again:
            return again.status_code == 200

    wait_until(can_watch, "places are given back when their clients are gone")


def test_under_ten_times_the_load_health_is_answered_and_so_are_as_many_as_can_be(
    busy: Server, client: httpx.Client, token: str
) -> None:
    """Forty clients that ask again at once whatever they are told, at four places."""
    request = f"GET /queueing/queues HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    stop: Future[None] = Future()
    with ThreadPoolExecutor(1) as thread:
        load = thread.submit(lambda: asyncio.run(_load(busy, request, stop)))
        try:
            wait_until(lambda: refused(busy, "requests") > 500, "hundreds are sent away")
            for path in ("/livez", "/readyz") * 20:
                assert client.get(path).status_code == 200
        finally:
            stop.set_result(None)
        answers = load.result(60)
    assert set(answers) == {200, 503}
    assert answers[200] > 100, answers
    assert client.get("/queueing/queues").status_code == 200


async def _load(busy: Server, request: bytes, stop: "Future[None]") -> Counter[int]:
    url, answers = httpx.URL(busy.url), Counter[int]()

    async def one() -> None:
        reader, writer = await asyncio.open_connection(url.host, url.port)
        while not stop.done():
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            answers[int(head.split()[1])] += 1
        writer.close()

    await asyncio.gather(*(one() for _ in range(40)))
    return answers
