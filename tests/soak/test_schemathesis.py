"""Ten minutes of whatever can be sent to the API, as a person of each role: it answers as its description says."""

from pathlib import Path

import pytest

from services.models import Role
from services.store.embedded import EmbeddedStore
from tests.api.schemathesis_world import SETTINGS, ask
from tests.api.server import served

SECONDS = {Role.ADMIN: 300, Role.MANAGER: 150, Role.EMPLOYEE: 150}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("role", Role)
def test_every_answer_is_one_that_is_described(store_server: EmbeddedStore, tmp_path: Path, role: Role) -> None:
    with served(tmp_path, {"FORESAIL_STORE_URL": store_server.url, **SETTINGS}) as server:
        ask(server.url, store_server.url, role, tmp_path, "--max-time", str(SECONDS[role]))
