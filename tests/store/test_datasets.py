"""Datasets come back bit by bit as they were put, belong to somebody, and no version means two panels."""

import numpy as np
import pytest

from services.errors import ConflictError, NotFoundError
from services.models import Dataset
from services.store import datasets
from services.store.connection import Store

pytestmark = pytest.mark.anyio
PANEL = np.array([[1.0, np.pi, -0.0, 5e-324], [1e308, 2.5, 3.0, 4.0]])


def described(owner: str = "ann", name: str = "prices") -> Dataset:
    return Dataset(
        name=name,
        owner=owner,
        version=0,
        steps=4,
        assets=("a", 'b "ü", c'),
        created=0.0,
        season_length=7,
        bounds=(0.0, 1e308),
        first="2020-01-01",
        last="2020-01-04",
    )


async def put(store: Store, owner: str = "ann", name: str = "prices", *, replace_others: bool = False) -> int:
    return await datasets.put(store, described(owner, name), PANEL, replace_others=replace_others)


async def test_all_of_it_comes_back(store: Store) -> None:
    assert await put(store) == 1
    found, values = await datasets.values(store, "prices")
    assert (found.assets, found.season_length, found.bounds) == (described().assets, 7, (0.0, 1e308))
    assert (found.owner, found.first, found.last, found.steps, found.series) == (
        "ann",
        "2020-01-01",
        "2020-01-04",
        4,
        2,
    )
    assert values.tobytes() == PANEL.tobytes()
    assert await datasets.get(store, "prices") == found


async def test_any_layout_in_memory_is_stored_series_by_series(store: Store) -> None:
    await datasets.put(store, described(), np.asfortranarray(PANEL), replace_others=False)
    assert (await datasets.values(store, "prices"))[1].tobytes() == PANEL.tobytes()


async def test_versions_go_on_even_after_a_deletion(store: Store) -> None:
    assert [await put(store), await put(store)] == [1, 2]
    await datasets.delete(store, "prices", "ann")
    assert await put(store, "bob") == 3
    assert await put(store, "bob", "other") == 1


async def test_somebody_elses_is_replaced_only_on_purpose_and_stays_theirs(store: Store) -> None:
    await put(store, "ann")
    with pytest.raises(ConflictError, match="dataset prices belongs to somebody else; choose another name"):
        await put(store, "bob")
    with pytest.raises(ConflictError):
        await datasets.delete(store, "prices", "bob")
    assert await put(store, "bob", replace_others=True) == 2
    assert (await datasets.get(store, "prices")).owner == "ann"
    await datasets.delete(store, "prices", "")


async def test_pages_by_name(store: Store) -> None:
    for name in ("c", "a", "b"):
        await put(store, name=name)
    assert [dataset.name for dataset in await datasets.page(store, "", 2)] == ["a", "b"]
    assert [dataset.name for dataset in await datasets.page(store, "b", 2)] == ["c"]


async def test_no_dataset(store: Store) -> None:
    await put(store)
    await datasets.delete(store, "prices", "ann")
    for asked in (
        datasets.get(store, "prices"),
        datasets.values(store, "prices"),
        datasets.delete(store, "prices", ""),
    ):
        with pytest.raises(NotFoundError, match="there is no dataset prices"):
            await asked
