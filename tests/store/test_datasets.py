"""Datasets come back bit by bit as they were put, belong to somebody, and no version means two panels."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from services.errors import ConflictError, NotFoundError, OverQuotaError, UnavailableError
from services.models import Dataset
from services.store import dataset_values, datasets, keys
from services.store.connection import Store
from services.store.wire import Argument

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


async def stored(store: Store) -> set[str]:
    return {name.decode() for name in await store.command("KEYS", "*")}


async def test_all_of_it_comes_back(store: Store) -> None:
    assert await put(store) == 1
    found, values = await dataset_values.values(store, "prices")
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
    assert (await dataset_values.values(store, "prices"))[1].tobytes() == PANEL.tobytes()


async def test_no_version_is_given_out_again(store: Store) -> None:
    assert [await put(store), await put(store)] == [1, 2]
    await datasets.delete(store, "prices", "ann")
    assert await put(store, "bob") == 3
    assert await put(store, "bob", "other") == 4


async def test_a_deleted_dataset_leaves_nothing(store: Store) -> None:
    await put(store)
    await datasets.delete(store, "prices", "ann")
    assert await stored(store) == {keys.DATASET_SEQUENCE}
    assert await store.command("TYPE", keys.DATASET_SEQUENCE) == b"string", "not one entry for each name"


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


async def test_a_list_shows_all_but_the_names_of_the_series(store: Store) -> None:
    await put(store)
    (summary,) = await datasets.page(store, "", 10)
    whole = await datasets.get(store, "prices")
    assert {name: getattr(whole, name) for name in datasets.Summary.__slots__} == {
        name: getattr(summary, name) for name in datasets.Summary.__slots__
    }
    assert await datasets.summaries(store, ["gone", "prices"]) == [summary]
    assert (await datasets.owner(store, "prices"), await datasets.owner(store, "gone")) == ("ann", None)


async def test_an_owner_has_so_many_datasets_and_no_more(store: Store) -> None:
    async def put_one(name: str, owner: str = "ann", *, replace_others: bool = False) -> int:
        quota = datasets.Quota(2, 1000)
        return await datasets.put(store, described(owner, name), PANEL, quota, replace_others=replace_others)

    await put_one("a")
    await put_one("b")
    with pytest.raises(OverQuotaError, match="ann has 2 datasets, the most of one user; delete one first"):
        await put_one("c")
    await put_one("b")
    await put_one("bob's", "bob")
    assert await put_one("a", "bob", replace_others=True) == 5, "it stays ann's, and does not count for bob"
    await datasets.delete(store, "a", "")
    await put_one("c")
    assert [found.name for found in await datasets.page(store, "", 9)] == ["b", "bob's", "c"]


async def test_the_values_of_an_owner_take_so_many_bytes_and_no_more(store: Store) -> None:
    quota = datasets.Quota(10, 2 * (PANEL.nbytes + len(json.dumps(described().assets))))
    for name in ("a", "b"):
        await datasets.put(store, described(name=name), PANEL, quota, replace_others=False)
    with pytest.raises(OverQuotaError, match=r"ann's datasets would take .* MiB are the most of one user"):
        await datasets.put(store, described(name="c"), PANEL[:, :1], quota, replace_others=False)
    larger = np.concatenate([PANEL, PANEL])
    with pytest.raises(OverQuotaError):
        await datasets.put(store, described(name="b"), larger, quota, replace_others=False)
    await datasets.put(store, described(name="b"), PANEL, quota, replace_others=False)
    await datasets.put(store, described("bob", "c"), larger, quota, replace_others=False)


async def test_the_names_of_the_series_count_too(store: Store) -> None:
    long = replace(described(), assets=("ü" * 1000, "b"))
    quota = datasets.Quota(10, 2 * PANEL.nbytes + len(json.dumps(long.assets)))
    with pytest.raises(OverQuotaError):
        await datasets.put(store, replace(long, assets=long.assets * 2), PANEL, quota, replace_others=False)
    await datasets.put(store, long, PANEL, quota, replace_others=False)
    with pytest.raises(OverQuotaError):
        await datasets.put(store, described(name="b"), PANEL, quota, replace_others=False)
    assert (await datasets.get(store, "prices")).assets == long.assets


async def test_large_values_go_in_pieces_and_none_of_them_stays(store: Store) -> None:
    panel = np.random.default_rng(0).random((3, 70_001))
    large = replace(described(), steps=70_001, assets=("a", "b", "c"))
    await store.command("CONFIG", "RESETSTAT")
    await datasets.put(store, large, panel, replace_others=False)
    assert (await dataset_values.values(store, "prices"))[1].tobytes() == panel.tobytes()
    statistics = (await store.command("INFO", "commandstats")).decode()
    assert "cmdstat_append:calls=2," in statistics
    assert keys.dataset_values("prices") in await stored(store)
    assert not [key for key in await stored(store) if key.startswith(keys.UPLOAD)]
    assert await store.command("TTL", keys.dataset_values("prices")) == -1


async def test_the_values_of_a_refused_dataset_are_deleted(store: Store) -> None:
    await put(store)
    before = await stored(store)
    for owner, quota in (("bob", datasets.NO_QUOTA), ("ann", datasets.Quota(1, 10))):
        with pytest.raises((ConflictError, OverQuotaError)):
            await datasets.put(store, described(owner), PANEL, quota, replace_others=False)
    assert await stored(store) == before


async def test_values_that_were_forgotten_meanwhile_make_no_dataset(store: Store) -> None:
    """As where a service stood still between two pieces for longer than they are kept."""
    sent = (keys.upload("forgotten"), PANEL.nbytes)
    with pytest.raises(UnavailableError, match="the values of dataset prices were not all there in time; try again"):
        await store.call("put_dataset", "prices", "ann", "", 9, 999, *sent, '["a", "b"]', "steps", 4)
    assert await stored(store) == set()


async def test_no_dataset(store: Store) -> None:
    await put(store)
    await datasets.delete(store, "prices", "ann")
    for asked in (
        datasets.get(store, "prices"),
        dataset_values.values(store, "prices"),
        datasets.delete(store, "prices", ""),
    ):
        with pytest.raises(NotFoundError, match="there is no dataset prices"):
            await asked


@pytest.mark.parametrize(("series", "steps"), [(5, 70_001), (2, 300_000), (900, 400)])
async def test_some_series_are_read_without_the_others_and_in_pieces(store: Store, series: int, steps: int) -> None:
    panel = np.random.default_rng(0).random((series, steps))
    large = replace(described(), steps=steps, assets=tuple(map(str, range(series))))
    await datasets.put(store, large, panel, replace_others=False)
    await store.command("CONFIG", "RESETSTAT")
    for assets in ([1], [series - 1, 0], list(range(0, series, 2))):
        found, values = await dataset_values.some(store, "prices", assets)
        assert found.version == 1
        assert values.tobytes() == panel[assets].tobytes()
    assert "cmdstat_get:" not in (await store.command("INFO", "commandstats")).decode()


async def test_some_series_are_all_of_one_version(store: Store) -> None:
    class Late(Store):
        """Another client replaces the dataset after it was described."""

        async def command(self, *words: Argument) -> Any:
            answer = await super().command(*words)
            await put(store)
            return answer

    await put(store)
    late = Late(store._connections, 30)
    with pytest.raises(NotFoundError, match="dataset prices was replaced or deleted while it was read; try again"):
        await dataset_values.some(late, "prices", [0])
    await late.close()
    with pytest.raises(NotFoundError, match="has 2 series, and asset 2 is not among them"):
        await dataset_values.some(store, "prices", [0, 2])


async def put_named(store: Store, assets: tuple[str, ...]) -> Dataset:
    dataset = replace(described(), assets=assets)
    await datasets.put(store, dataset, np.ones((len(assets), 4)), replace_others=False)
    return await datasets.get(store, "prices")


@pytest.mark.parametrize(
    ("assets", "renamed"),
    [
        (("a", "b"), False),
        (("a", "b", "c"), False),
        (("b", "a"), True),
        (("a",), True),
        (("a", "bb"), True),
        (("a", "c", "b"), True),
    ],
)
async def test_a_dataset_knows_since_when_its_assets_have_their_places(
    store: Store, assets: tuple[str, ...], renamed: bool
) -> None:
    first, second = [await put_named(store, names) for names in (("a", "b"), assets)]
    assert second.renamed == (second.created if renamed else first.created)
    assert second.renamed_version == (second.version if renamed else first.version)


async def test_of_a_dataset_from_before_nobody_knows_more_than_its_version(store: Store) -> None:
    await put(store)
    await store.command("HDEL", keys.dataset("prices"), "renamed_version")
    await put(store)
    assert (await datasets.get(store, "prices")).renamed_version == 2


async def test_nobody_knows_which_assets_a_deleted_dataset_had(store: Store) -> None:
    await put(store)
    await datasets.delete(store, "prices", "ann")
    await put(store)
    found = await datasets.get(store, "prices")
    assert found.renamed == found.created
