"""A store that would lose data is refused, with every wrong setting by name."""

import re

import pytest

from services.errors import StoreSetupError
from services.store import setup
from services.store.connection import Store
from tests.store.process import client, running

pytestmark = pytest.mark.anyio


async def test_the_embedded_store_is_set_up_right(store: Store) -> None:
    await setup.check(store)
    found = await setup.settings(store)
    assert (found["appendonly"], found["maxmemory-policy"], found["mode"]) == ("yes", "noeviction", "standalone")


async def complaint(*options: str) -> str:
    with running(*options) as socket:
        async with client(socket) as store:
            with pytest.raises(StoreSetupError) as refused:
                await setup.check(store)
    return refused.value.detail


async def test_evictions_and_no_file_are_named_together() -> None:
    assert await complaint("--maxmemory-policy", "allkeys-lru", "--appendonly", "no") == (
        "the store would lose data: maxmemory-policy is allkeys-lru, needed is noeviction;"
        " appendonly is no, needed is yes"
    )


async def test_a_cluster_is_named() -> None:
    assert "mode is cluster, needed is standalone" in await complaint("--appendonly", "yes", "--cluster-enabled", "yes")


async def test_a_store_that_does_not_tell_is_named() -> None:
    told = await complaint("--appendonly", "yes", "--rename-command", "CONFIG", "")
    assert re.match(r"the store does not tell its settings, allow CONFIG GET and INFO: .*CONFIG", told)


async def test_an_old_version_is_named(store: Store) -> None:
    found = await setup.settings(store) | {"version": "6.2.14"}
    assert setup.problems(found) == ["version is 6.2.14, needed is 7.0 or newer"]
