"""Datasets: named panels as float64 blocks, one series after the other."""

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.errors import NotFoundError, UnavailableError
from services.models import Dataset
from services.store import keys
from services.store.connection import Store
from services.store.records import text_hash

_VALUE_BYTES = 8


async def put(store: Store, dataset: Dataset, values: NDArray[np.float64], *, replace_others: bool) -> int:
    """Store a dataset, `values` of shape (series, steps), and return its version.

    Raises ConflictError where the name is somebody else's, unless `replace_others`.
    """
    fields: dict[str, str | int] = {
        "steps": dataset.steps,
        "assets": json.dumps(dataset.assets),
        "season_length": dataset.season_length,
        "bounds": json.dumps(dataset.bounds),
        "first": dataset.first,
        "last": dataset.last,
    }
    words = [word for pair in fields.items() for word in pair]
    packed = np.ascontiguousarray(values, dtype="<f8").tobytes()
    whose = "all" if replace_others else ""
    return int(await store.call("put_dataset", dataset.name, dataset.owner, whose, packed, *words))


async def get(store: Store, name: str) -> Dataset:
    """What is known of a dataset, without its values; raises NotFoundError."""
    found = await _get_many(store, [name])
    if not found:
        raise NotFoundError(f"there is no dataset {name}")
    return found[0]


async def values(store: Store, name: str) -> tuple[Dataset, NDArray[np.float64]]:
    """A dataset with its values of shape (series, steps), both of one version; raises NotFoundError."""
    flat, packed = await store.commands([("HGETALL", keys.dataset(name)), ("GET", keys.dataset_values(name))])
    if not flat or packed is None:
        raise NotFoundError(f"there is no dataset {name}")
    dataset = _dataset(name, text_hash(flat))
    return dataset, np.frombuffer(packed, dtype="<f8").reshape(dataset.series, dataset.steps)


async def versions(store: Store, names: Sequence[str]) -> dict[str, int]:
    """The version of each dataset of `names` that exists."""
    answers = await store.commands([("HGET", keys.dataset(name), "version") for name in names]) if names else []
    return {name: int(answer) for name, answer in zip(names, answers, strict=True) if answer is not None}


async def tail(store: Store, dataset: Dataset, asset: int, last: int) -> NDArray[np.float64]:
    """The last values of one series, without reading the others; raises UnavailableError where it was just replaced."""
    end = (asset + 1) * dataset.steps * _VALUE_BYTES
    start = end - min(last, dataset.steps) * _VALUE_BYTES
    version, packed = await store.commands(
        [
            ("HGET", keys.dataset(dataset.name), "version"),
            ("GETRANGE", keys.dataset_values(dataset.name), start, end - 1),
        ]
    )
    if version is None or int(version) != dataset.version:
        raise UnavailableError(f"dataset {dataset.name} was replaced or deleted while it was read; try again")
    return np.frombuffer(packed, dtype="<f8")


async def page(store: Store, after: str, limit: int) -> list[Dataset]:
    """Datasets by name, those after `after`."""
    names = sorted(name.decode() for name in await store.command("SMEMBERS", keys.DATASETS))
    return await _get_many(store, [name for name in names if name > after][:limit])


async def delete(store: Store, name: str, owner: str) -> None:
    """Delete a dataset of `owner` ('' for anybody's); raises NotFoundError or ConflictError."""
    await store.call("delete_dataset", name, owner)


async def _get_many(store: Store, names: list[str]) -> list[Dataset]:
    answers = await store.commands([("HGETALL", keys.dataset(name)) for name in names]) if names else []
    return [_dataset(name, text_hash(answer)) for name, answer in zip(names, answers, strict=True) if answer]


def _dataset(name: str, fields: dict[str, str]) -> Dataset:
    bounds = json.loads(fields["bounds"])
    return Dataset(
        name=name,
        owner=fields["owner"],
        version=int(fields["version"]),
        steps=int(fields["steps"]),
        assets=tuple(json.loads(fields["assets"])),
        created=float(fields["created"]),
        season_length=int(fields["season_length"]),
        bounds=None if bounds is None else (bounds[0], bounds[1]),
        first=fields["first"],
        last=fields["last"],
    )
