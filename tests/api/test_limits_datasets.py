"""Datasets of one user, and how much memory uploads may take at once."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.store.embedded import EmbeddedStore
from tests.api.server import Api, Server, served
from tests.store.process import short_folder

MIB = 2**20
CSV = {"Content-Type": "text/csv"}
SMALL = "ds,a\n" + "".join(f"{step},{step}\n" for step in range(10))
LARGE = "ds," + ",".join(f"a{asset}" for asset in range(1000)) + "\n"
LARGE += "".join(f"{step}," + ",".join(["1"] * 1000) + "\n" for step in range(80))
"""0.6 MiB of values."""


@pytest.fixture(scope="module")
def strict(store_server: EmbeddedStore) -> Iterator[Server]:
    settings = {
        "FORESAIL_STORE_URL": store_server.url,
        "FORESAIL_DATASETS_MOST_A_USER": "2",
        "FORESAIL_DATASETS_MOST_MIB": "1",
        "FORESAIL_DATASETS_MOST_MIB_A_USER": "1",
    }
    with short_folder() as folder, served(folder, settings) as running:
        yield running


@pytest.fixture
def people(strict: Server, store_server: EmbeddedStore) -> Iterator[Api]:
    found = Api(strict, store_server.url)
    yield found
    found.close()


def test_a_user_has_so_many_datasets_and_no_more_be_it_an_admin(people: Api) -> None:
    for _ in range(2):
        assert people.admin.put("/masterdata/datasets/a", content=SMALL, headers=CSV).is_success
    assert people.admin.put("/masterdata/datasets/b", content=SMALL, headers=CSV).is_success
    refused = people.admin.put("/masterdata/datasets/c", content=SMALL, headers=CSV)
    assert (refused.status_code, refused.json()["code"]) == (409, "over_quota")
    assert refused.json()["detail"] == "admin has 2 datasets, the most of one user; delete one first"
    assert people.colleague.put("/masterdata/datasets/c", content=SMALL, headers=CSV).status_code == 201
    assert people.admin.delete("/masterdata/datasets/a").status_code == 204
    assert people.admin.put("/masterdata/datasets/d", content=SMALL, headers=CSV).status_code == 201


def test_the_datasets_of_a_user_take_so_much_and_no_more(people: Api) -> None:
    assert people.employee.put("/masterdata/datasets/a", content=LARGE, headers=CSV).status_code == 201
    refused = people.employee.put("/masterdata/datasets/b", content=LARGE, headers=CSV)
    assert (refused.status_code, refused.json()["code"]) == (409, "over_quota")
    assert "emil's datasets would take 1.236 MiB; 1 MiB are the most of one user" in refused.json()["detail"]
    assert people.employee.put("/masterdata/datasets/a", content=LARGE, headers=CSV).status_code == 200
    assert people.colleague.put("/masterdata/datasets/b", content=LARGE, headers=CSV).status_code == 201


@pytest.mark.timeout(180)  # each upload is read by a process of its own
def test_of_uploads_at_once_only_two_are_in_memory(store_server: EmbeddedStore, tmp_path: Path) -> None:
    count, size = 6, 24 * MIB
    with served(tmp_path, {"FORESAIL_STORE_URL": store_server.url}) as server:
        people = Api(server, store_server.url)
        client = people.employee
        before = _peak(server)

        def upload(number: int) -> int:
            return client.put(f"/masterdata/datasets/d{number}", content=b"x" * size, headers=CSV).status_code

        with ThreadPoolExecutor(count) as threads:
            assert list(threads.map(upload, range(count))) == [422] * count
        assert _peak(server) - before < 0.75 * count * size
        people.close()


def _peak(server: Server) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text("utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024
