"""Datasets: named panels as float64 blocks, one series after the other."""

import json
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.errors import ForesailError, NotFoundError
from services.models import Dataset
from services.store import keys
from services.store.connection import Store
from services.store.paging import full
from services.store.records import text_hash

VALUE_BYTES = 8
PIECE = 2**20
"""Bytes of values sent or read at a time: large values at once keep everybody else waiting for seconds."""
_UPLOAD_SECONDS = 120
"""After which a piece that no other follows is forgotten: longer than any answer may take."""
_FIELDS = ("owner", "version", "steps", "created", "season_length", "bounds", "first", "last")


@dataclass(frozen=True, slots=True)
class Quota:
    """The most datasets of one owner, and the most bytes of their values and of their series' names."""

    datasets: int
    size: int


NO_QUOTA = Quota(1_000_000, 1 << 50)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list shows of a dataset: all but the names of its series, of which there may be very many."""

    name: str
    owner: str
    version: int
    series: int
    steps: int
    created: float
    season_length: int
    bounds: tuple[float, float] | None
    first: str
    last: str


async def put(
    store: Store, dataset: Dataset, values: NDArray[np.float64], quota: Quota = NO_QUOTA, *, replace_others: bool
) -> int:
    """Store a dataset, `values` of shape (series, steps), and return its version: all of it is there at once.

    Raises ConflictError where the name is somebody else's, unless `replace_others`; OverQuotaError.
    """
    upload = keys.upload(uuid.uuid4().hex)
    try:
        await _send(store, upload, values)
        return await _put(store, dataset, upload, values.size, quota, replace_others=replace_others)
    except BaseException:
        with suppress(ForesailError):
            await store.command("UNLINK", upload)
        raise


async def _send(store: Store, upload: str, values: NDArray[np.float64]) -> None:
    """Send the values in pieces, each of which renews the time that they have."""
    packed = np.ascontiguousarray(values, dtype="<f8").reshape(-1)
    size = PIECE // VALUE_BYTES
    for at in range(0, packed.size, size):
        piece = packed[at : at + size].tobytes()
        await store.commands([("APPEND", upload, piece), ("EXPIRE", upload, _UPLOAD_SECONDS)])


async def _put(store: Store, dataset: Dataset, upload: str, size: int, quota: Quota, *, replace_others: bool) -> int:
    """Make the `size` values that were sent the dataset's."""
    fields: dict[str, str | int] = {
        "steps": dataset.steps,
        "season_length": dataset.season_length,
        "bounds": json.dumps(dataset.bounds),
        "first": dataset.first,
        "last": dataset.last,
    }
    words = [word for pair in fields.items() for word in pair]
    whose = "all" if replace_others else ""
    limits, sent, names = (quota.datasets, quota.size), (upload, size * VALUE_BYTES), json.dumps(dataset.assets)
    return int(await store.call("put_dataset", dataset.name, dataset.owner, whose, *limits, *sent, names, *words))


async def owner(store: Store, name: str) -> str | None:
    """Whose the dataset is; none where there is no such dataset."""
    found = await store.command("HGET", keys.dataset(name), "owner")
    return None if found is None else str(found.decode())


async def get(store: Store, name: str) -> Dataset:
    """What is known of a dataset, without its values; raises NotFoundError."""
    found = await store.command("HGETALL", keys.dataset(name))
    if not found:
        raise NotFoundError(f"there is no dataset {name}")
    return dataset_of(name, text_hash(found))


async def versions(store: Store, names: Sequence[str]) -> dict[str, int]:
    """The version of each dataset of `names` that exists."""
    answers = await store.commands([("HGET", keys.dataset(name), "version") for name in names])
    return {name: int(answer) for name, answer in zip(names, answers, strict=True) if answer is not None}


async def page(store: Store, after: str, limit: int) -> list[Summary]:
    """Datasets by name, those after `after`."""

    async def read(after: str, wanted: int) -> tuple[list[str], list[Summary]]:
        names = sorted(name.decode() for name in await store.command("SMEMBERS", keys.DATASETS))
        chosen = [name for name in names if name > after][:wanted]
        return chosen, await summaries(store, chosen)

    return await full(limit, after, read)


async def summaries(store: Store, names: Sequence[str]) -> list[Summary]:
    """What lists show of those datasets of `names` that exist."""
    asked = [("HMGET", keys.dataset(name), *_FIELDS) for name in names]
    sizes = [("STRLEN", keys.dataset_values(name)) for name in names]
    answers = await store.commands([*asked, *sizes])
    found = zip(names, answers[: len(names)], answers[len(names) :], strict=True)
    return [_summary(name, fields, size) for name, fields, size in found if fields[0] is not None]


async def delete(store: Store, name: str, owner: str) -> None:
    """Delete a dataset of `owner` ('' for anybody's); raises NotFoundError or ConflictError."""
    await store.call("delete_dataset", name, owner)


def _summary(name: str, answers: Sequence[bytes], size: int) -> Summary:
    fields = dict(zip(_FIELDS, (answer.decode() for answer in answers), strict=True))
    steps = int(fields["steps"])
    return Summary(
        name=name,
        owner=fields["owner"],
        version=int(fields["version"]),
        series=size // (VALUE_BYTES * steps),
        steps=steps,
        created=float(fields["created"]),
        season_length=int(fields["season_length"]),
        bounds=_bounds(fields["bounds"]),
        first=fields["first"],
        last=fields["last"],
    )


def dataset_of(name: str, fields: Mapping[str, str]) -> Dataset:
    """The dataset of a record; raises ValueError or KeyError for what is none."""
    return Dataset(
        name=name,
        owner=fields["owner"],
        version=int(fields["version"]),
        steps=int(fields["steps"]),
        assets=tuple(json.loads(fields["assets"])),
        created=float(fields["created"]),
        season_length=int(fields["season_length"]),
        bounds=_bounds(fields["bounds"]),
        first=fields["first"],
        last=fields["last"],
        renamed=float(fields.get("renamed", 0)),
        # Of a dataset from before this was noted nobody knows more than its own version.
        renamed_version=int(fields.get("renamed_version", fields["version"])),
    )


def _bounds(text: str) -> tuple[float, float] | None:
    bounds = json.loads(text)
    return None if bounds is None else (bounds[0], bounds[1])
