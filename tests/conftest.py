"""What every test gets: a real store, flushed before each test that uses it and looked through after it.

There are two stores: `foresail-local` works on one of its own, for it returns leases and deletes what is old at any
time and by the real clock, in the middle of a test that has a clock of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator

import hypothesis
import pytest

from services.config import StoreSettings
from services.store.connection import Store
from services.store.embedded import EmbeddedStore
from tests.api.server import Api, Server, served
from tests.store.process import embedded, short_folder
from tests.store.soundness import faults, flush

UNSOUND = "unsound(reason): the test leaves the store in a state that its invariants forbid, and says why"

# The same examples every time, however slow the machine is; `--hypothesis-profile=default` looks elsewhere.
hypothesis.settings.register_profile("foresail", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("soak", deadline=None, max_examples=10_000)
hypothesis.settings.load_profile("foresail")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", UNSOUND)


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Asynchronous tests (`pytest.mark.anyio`) run on uvloop, as the services do."""
    return ("asyncio", {"use_uvloop": True})


@pytest.fixture(scope="session")
def store_server() -> Iterator[EmbeddedStore]:
    """One store process for all tests. Its `url` is for Store.connect, or FORESAIL_STORE_URL of a process."""
    with short_folder() as folder, embedded(folder) as server:
        yield server


@pytest.fixture(scope="session")
def served_store() -> Iterator[EmbeddedStore]:
    """The store of `server`, which tidies it whenever it likes."""
    with short_folder() as folder, embedded(folder) as server:
        yield server


@pytest.fixture(autouse=True)
def sound_store(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that uses a store, in whatever way, finds it empty and must leave it sound."""
    used = [name for name in ("store_server", "served_store") if name in request.fixturenames]
    urls = [request.getfixturevalue(name).url for name in used]
    for url in urls:
        asyncio.run(flush(url))
    yield
    if request.node.get_closest_marker("unsound") is None:
        for url in urls:
            assert asyncio.run(faults(url)) == []


@pytest.fixture
async def store(store_server: EmbeddedStore) -> AsyncIterator[Store]:
    """A connection to the empty store."""
    connected = Store.connect(StoreSettings(url=store_server.url, timeout_seconds=30))
    yield connected
    await connected.close()


@pytest.fixture
def own_store() -> Iterator[EmbeddedStore]:
    """A store of this test alone, which it may kill: by then all that was accepted is on the disk."""
    with short_folder() as folder, embedded(folder, "always") as server:
        yield server


@pytest.fixture(scope="session")
def server(served_store: EmbeddedStore) -> Iterator[Server]:
    """One `foresail-local` process for all tests, on a store that is its own."""
    environment = {"FORESAIL_STORE_URL": served_store.url}
    with short_folder() as folder, served(folder, environment) as running:
        yield running


@pytest.fixture
def api(server: Server, served_store: EmbeddedStore) -> Iterator[Api]:
    """The API as each kind of person sees it."""
    people = Api(server, served_store.url)
    yield people
    people.close()
