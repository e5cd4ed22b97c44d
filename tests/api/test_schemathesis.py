"""The API answers as its description says, whatever is sent: right, wrong, and one after another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.models import Role
from services.store.embedded import EmbeddedStore
from tests.api.schemathesis_world import SETTINGS, ask
from tests.api.server import Server, served
from tests.store.process import short_folder

SHARES = {
    Role.ADMIN: ("--phases", "examples,fuzzing,stateful", "--max-examples", "4"),
    Role.EMPLOYEE: ("--phases", "fuzzing", "--max-examples", "2"),
}


@pytest.fixture(scope="module")
def own_server(store_server: EmbeddedStore) -> Iterator[Server]:
    environment = {"FORESAIL_STORE_URL": store_server.url, **SETTINGS}
    with short_folder() as folder, served(folder, environment) as server:
        yield server


@pytest.mark.timeout(300)
@pytest.mark.parametrize("role", SHARES)
def test_every_answer_is_one_that_is_described(
    own_server: Server, store_server: EmbeddedStore, tmp_path: Path, role: Role
) -> None:
    ask(own_server.url, store_server.url, role, tmp_path, "--generation-deterministic", *SHARES[role])
