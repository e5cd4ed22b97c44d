"""People of each role with a command line of their own, on a real server."""

from pathlib import Path

import httpx
import pytest

from tests.api.server import Api
from tests.cli.foresail import Foresail


@pytest.fixture
def stranger(api: Api, tmp_path: Path) -> Foresail:
    """Somebody who is not logged in."""
    return Foresail(api.server.url, tmp_path / "stranger")


@pytest.fixture
def admin(api: Api, tmp_path: Path) -> Foresail:
    return _person(api.admin, tmp_path / "admin")


@pytest.fixture
def manager(api: Api, tmp_path: Path) -> Foresail:
    return _person(api.manager, tmp_path / "manager")


@pytest.fixture
def employee(api: Api, tmp_path: Path) -> Foresail:
    return _person(api.employee, tmp_path / "employee")


def _person(client: httpx.Client, home: Path) -> Foresail:
    token = client.headers["Authorization"].removeprefix("Bearer ")
    return Foresail(str(client.base_url).rstrip("/"), home, token)
