"""The installed system on a real cluster; `make test-cluster` puts both there and names them in the environment."""

import os
from collections.abc import Iterator

import pytest

from tests.e2e.kube import secret
from tests.e2e.system import Person

# Without a cluster there is nothing to collect: these tests belong to `make test-cluster`.
collect_ignore_glob = [] if "FORESAIL_INGRESS" in os.environ else ["test_*"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "first: the stories that every build runs; the others need more time")


@pytest.fixture(scope="session")
def url() -> str:
    """Where the ingress is."""
    return os.environ["FORESAIL_INGRESS"]


@pytest.fixture(scope="session")
def first_password() -> str:
    return secret("foresail-first-password", "password")


@pytest.fixture(scope="session")
def admin(url: str, first_password: str) -> Iterator[Person]:
    person = Person(url, "admin", first_password)
    yield person
    person.close()


@pytest.fixture(scope="session")
def manager(admin: Person) -> Person:
    return admin.new("manager")


@pytest.fixture(autouse=True)
def sound_store(admin: Person) -> Iterator[None]:
    """After each story, every job is in its place."""
    yield
    assert admin.ask("GET", "/queueing/diagnosis")["violations"] == []
