"""Reads the values of a dataset, all of one version: the whole of it by one command, some of its series in pieces."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from services.errors import ForesailError, NotFoundError, UnavailableError
from services.models import Dataset
from services.store import keys
from services.store.connection import Store
from services.store.datasets import PIECE, VALUE_BYTES, dataset_of, get
from services.store.records import text_hash


async def values(store: Store, name: str) -> tuple[Dataset, NDArray[np.float64]]:
    """A dataset with its values of shape (series, steps), both of one version; raises NotFoundError."""
    flat, packed = await store.commands([("HGETALL", keys.dataset(name)), ("GET", keys.dataset_values(name))])
    if not flat or packed is None:
        raise NotFoundError(f"there is no dataset {name}")
    dataset = dataset_of(name, text_hash(flat))
    return dataset, np.frombuffer(packed, dtype="<f8").reshape(dataset.series, dataset.steps)


async def tail(store: Store, dataset: Dataset, asset: int, last: int) -> NDArray[np.float64]:
    """The last values of one series, without reading the others; raises UnavailableError where it was just replaced."""
    end = (asset + 1) * dataset.steps * VALUE_BYTES
    start = end - min(last, dataset.steps) * VALUE_BYTES
    (packed,) = await _read(store, dataset, [(start, end)], UnavailableError)
    return np.frombuffer(packed, dtype="<f8")


async def some(store: Store, name: str, assets: Sequence[int]) -> tuple[Dataset, NDArray[np.float64]]:
    """A dataset with some of its series, (assets, steps), both of one version, without reading the others.

    Raises NotFoundError, also where the dataset was replaced meanwhile.
    """
    dataset = await get(store, name)
    if lack := dataset.lack(assets):
        raise NotFoundError(lack)
    packed: list[bytes] = []
    for ranges in _pieces(assets, dataset.steps * VALUE_BYTES):
        packed += await _read(store, dataset, ranges, NotFoundError)
    return dataset, np.frombuffer(b"".join(packed), dtype="<f8").reshape(len(assets), dataset.steps)


async def _read(
    store: Store, dataset: Dataset, ranges: Sequence[tuple[int, int]], gone: type[ForesailError]
) -> list[bytes]:
    """These ranges of the values; raises `gone` where they are of another version by now."""
    reads = [("GETRANGE", keys.dataset_values(dataset.name), start, end - 1) for start, end in ranges]
    version, *found = await store.commands([("HGET", keys.dataset(dataset.name), "version"), *reads])
    if version is None or int(version) != dataset.version:
        raise gone(f"dataset {dataset.name} was replaced or deleted while it was read; try again")
    return found


def _pieces(assets: Sequence[int], row: int) -> Iterator[list[tuple[int, int]]]:
    """Where the rows of `row` bytes lie, in order: so many ranges together that they have a PIECE or little more."""
    ranges: list[tuple[int, int]] = []
    size = 0
    for asset in assets:
        for start in range(asset * row, (asset + 1) * row, PIECE):
            ranges.append((start, min(start + PIECE, (asset + 1) * row)))
            size += ranges[-1][1] - start
            if size >= PIECE:
                yield ranges
                ranges, size = [], 0
    if ranges:
        yield ranges
