"""Panels that rank 0 keeps between batches, so that a dataset is read once and not once a batch."""

from collections import OrderedDict
from collections.abc import Collection

from services.config import MarketSettings
from services.drain.leases import Leases
from services.drain.rank import Values
from services.models import MARKET, Dataset
from services.store import datasets, panels
from services.store.connection import Store

MOST_BYTES = 256 << 20
"""Kept at most, the one in use apart: four of the largest datasets of the default settings."""


class Panels:
    """Datasets with their values, always of the version that the store has at the start of a batch.

    As long as the leases last, a store that is away is asked again.
    """

    def __init__(self, store: Store, market: MarketSettings, leases: Leases) -> None:
        self._store = store
        self._market = market
        self._leases = leases
        self._kept: OrderedDict[str, tuple[Dataset, Values]] = OrderedDict()

    async def refresh(self, names: Collection[str]) -> None:
        """Forget what the store has in another version by now."""
        kept = [name for name in names if name in self._kept and name != MARKET]
        versions = await self._leases.patiently(lambda: datasets.versions(self._store, kept))
        for name in kept:
            if versions.get(name) != self._kept[name][0].version:
                del self._kept[name]

    async def load(self, name: str) -> tuple[Dataset, Values]:
        """A dataset and its values (series, steps), float64; raises NotFoundError."""
        if name not in self._kept:
            self._kept[name] = await self._leases.patiently(lambda: panels.load(self._store, self._market, name))
        self._kept.move_to_end(name)
        while len(self._kept) > 1 and sum(values.nbytes for _, values in self._kept.values()) > MOST_BYTES:
            self._kept.popitem(last=False)
        return self._kept[name]
