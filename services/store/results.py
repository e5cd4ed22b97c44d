"""Results: written once, packed as a small header and one float64 row for each asset of the job."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from services.errors import NotFoundError
from services.store import keys
from services.store.connection import Store

_HEADER = struct.Struct("<4sHHIId")
_MAGIC = b"FSR1"


@dataclass(frozen=True, slots=True)
class StoredResult:
    """What a job's forecasts are, before anyone reads the rows.

    `rows` holds `assets` rows of the layout that `horizon` and `levels` give (services.forecasting.rows).
    """

    horizon: int
    levels: tuple[int, ...]
    assets: int
    dataset_version: int
    created: float
    rows: bytes


def pack(horizon: int, levels: Sequence[int], assets: int, dataset_version: int, created: float) -> bytes:
    """The header of a packed result; the rows follow it."""
    head = _HEADER.pack(_MAGIC, horizon, len(levels), assets, dataset_version, created)
    return head + struct.pack(f"<{len(levels)}H", *levels)


def unpack(packed: bytes) -> StoredResult:
    """Read a packed result; raises ValueError where it is none."""
    if packed[: len(_MAGIC)] != _MAGIC or len(packed) < _HEADER.size:
        raise ValueError(f"not a packed result: {len(packed)} bytes that start with {packed[:4]!r}")
    _, horizon, count, assets, version, created = _HEADER.unpack_from(packed)
    if len(packed) < _HEADER.size + 2 * count:
        raise ValueError(f"a packed result ends within its {count} levels")
    levels = struct.unpack_from(f"<{count}H", packed, _HEADER.size)
    return StoredResult(horizon, levels, assets, version, created, packed[_HEADER.size + 2 * count :])


async def get(store: Store, job_id: int) -> StoredResult:
    """The job's result; raises NotFoundError where there is none."""
    packed = await store.command("GET", keys.result(job_id))
    if packed is None:
        raise NotFoundError(f"job {job_id} has no result")
    return unpack(packed)


async def get_many(store: Store, ids: Sequence[int]) -> dict[int, StoredResult]:
    """The results of `ids` that exist."""
    answers = await store.command("MGET", *map(keys.result, ids)) if ids else []
    return {job_id: unpack(packed) for job_id, packed in zip(ids, answers, strict=True) if packed is not None}
