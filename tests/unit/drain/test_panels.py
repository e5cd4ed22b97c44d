"""What rank 0 keeps between batches is never of another version than the store's."""

import numpy as np
import pytest

from services.config import MarketSettings
from services.drain.leases import Leases
from services.drain.panels import Panels
from services.models import Dataset
from services.store import datasets
from services.store.connection import Store

pytestmark = pytest.mark.anyio


async def put(store: Store, *assets: str) -> None:
    """A dataset whose assets have these names; each series has the value of its name all along."""
    values = np.array([[float(ord(name))] * 20 for name in assets])
    await datasets.put(store, Dataset("own", "ada", 0, 20, assets, 0.0), values, replace_others=False)


async def test_a_dataset_that_was_replaced_is_read_anew_at_the_next_batch(store: Store) -> None:
    kept = Panels(store, MarketSettings(), Leases(store, 1, 1, 30))
    await put(store, "A", "B")
    before, _ = await kept.load("own")
    assert (before.version, before.assets) == (1, ("A", "B"))
    await put(store, "B", "A")
    await kept.refresh(["own"])
    dataset, values = await kept.load("own")
    assert (dataset.version, dataset.assets) == (2, ("B", "A"))
    assert values[:, 0].tolist() == [ord("B"), ord("A")]


async def test_a_dataset_that_stays_is_read_once(store: Store) -> None:
    kept = Panels(store, MarketSettings(), Leases(store, 1, 1, 30))
    await put(store, "A", "B")
    _, values = await kept.load("own")
    await kept.refresh(["own"])
    assert (await kept.load("own"))[1] is values
