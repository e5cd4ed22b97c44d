"""Panels by name: the built-in market, made from its seed, or an uploaded dataset."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from services.config import MarketSettings
from services.errors import NotFoundError
from services.forecasting.market import market_panel
from services.models import MARKET, Dataset
from services.store import dataset_values, datasets
from services.store.connection import Store


async def describe(store: Store, market: MarketSettings, name: str) -> Dataset:
    """What is known of a dataset, without its values; raises NotFoundError."""
    return market_dataset(market) if name == MARKET else await datasets.get(store, name)


async def find(store: Store, market: MarketSettings, name: str) -> Dataset | None:
    """What is known of a dataset, or none where there is no such one."""
    try:
        return await describe(store, market, name)
    except NotFoundError:
        return None


async def load(store: Store, market: MarketSettings, name: str) -> tuple[Dataset, NDArray[np.float64]]:
    """A dataset with its values of shape (series, steps), float64; raises NotFoundError."""
    if name == MARKET:
        return market_dataset(market), _market_values(market.seed, market.series, market.steps)
    return await dataset_values.values(store, name)


async def some(
    store: Store, market: MarketSettings, name: str, assets: Sequence[int]
) -> tuple[Dataset, NDArray[np.float64]]:
    """A dataset with the values of some of its series, (assets, steps); raises NotFoundError."""
    if name == MARKET:
        dataset, values = await load(store, market, name)
        return dataset, values[list(assets)]
    return await dataset_values.some(store, name, assets)


@lru_cache(maxsize=1)
def market_dataset(market: MarketSettings) -> Dataset:
    """The built-in dataset's description; its values lie in [0, 1], and so does every forecast of them."""
    names = tuple(f"asset-{index}" for index in range(market.series))
    return Dataset(MARKET, owner="", version=1, steps=market.steps, assets=names, created=0.0, bounds=(0.0, 1.0))


@lru_cache(maxsize=1)
def _market_values(seed: int, series: int, steps: int) -> NDArray[np.float64]:
    return market_panel(seed, series, steps)
