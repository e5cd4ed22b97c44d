"""Turns packed results into JSON numbers that people can read, and back to exactly the same bytes.

The shortest decimal that means a float64 gives its bits back; what JSON has no number for (NaN, infinity) shows as null
and stands with its bits in `exact`.
"""

import base64
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from services.exporter.records import Record
from services.forecasting.rows import RowLayout
from services.store.results import StoredResult, pack, unpack


def readable(job_id: int, assets: str, packed: bytes) -> Record:
    """A job's result as JSON shows it; `assets` are the job's, comma-separated."""
    indices = assets.split(",")
    result = _understood(packed, len(indices))
    if result is None:
        return {"job": job_id, "packed": base64.b64encode(packed).decode()}
    layout = RowLayout(result.horizon, result.levels)
    rows = np.frombuffer(result.rows, dtype="<f8").reshape(result.assets, layout.width).tolist()
    return {
        "job": job_id,
        "horizon": result.horizon,
        "levels": list(result.levels),
        "dataset_version": result.dataset_version,
        "created": result.created,
        "forecasts": [_forecast(int(asset), row, layout) for asset, row in zip(indices, rows, strict=True)],
        **_exact(result.rows),
    }


def packed_of(record: Mapping[str, Any]) -> bytes:
    """The inverse of `readable`; raises ValueError, KeyError or TypeError for what is no result."""
    if "packed" in record:
        return base64.b64decode(record["packed"], validate=True)
    layout = RowLayout(int(record["horizon"]), tuple(record["levels"]))
    forecasts = record["forecasts"]
    rows = np.array([_row(forecast, layout) for forecast in forecasts], dtype="<f8").reshape(
        len(forecasts), layout.width
    )
    for place, bits in record.get("exact", {}).items():
        rows.view("<u8").ravel()[int(place)] = int(bits, 16)
    head = pack(layout.horizon, layout.levels, len(forecasts), record["dataset_version"], record["created"])
    return head + rows.tobytes()


def _understood(packed: bytes, assets: int) -> StoredResult | None:
    """The result, where its readable form gives the same bytes back."""
    try:
        result = unpack(packed)
    except (ValueError, struct.error):
        return None
    size = result.assets * RowLayout(result.horizon, result.levels).width * 8
    distinct = len(set(result.levels)) == len(result.levels)
    fits = result.assets == assets and len(result.rows) == size and distinct and math.isfinite(result.created)
    return result if fits else None


def _forecast(asset: int, row: list[float], layout: RowLayout) -> Record:
    steps = layout.horizon
    parts = [row[part * steps : (part + 1) * steps] for part in range(1 + 2 * len(layout.levels))]
    levels = [str(level) for level in layout.levels]
    return {
        "asset": asset,
        "mean": parts[0],
        "lower": dict(zip(levels, parts[1::2], strict=True)),
        "upper": dict(zip(levels, parts[2::2], strict=True)),
        "mase": row[-2],
        "naive_mase": row[-1],
    }


def _row(forecast: Mapping[str, Any], layout: RowLayout) -> Sequence[float | None]:
    row = list(forecast["mean"])
    for level in map(str, layout.levels):
        row += forecast["lower"][level] + forecast["upper"][level]
    return [*row, forecast["mase"], forecast["naive_mase"]]


def _exact(rows: bytes) -> Record:
    """The bits of the values that JSON has no number for, by their place in all rows; nothing where there are none."""
    odd = np.flatnonzero(~np.isfinite(np.frombuffer(rows, dtype="<f8")))
    bits = np.frombuffer(rows, dtype="<u8")
    return {"exact": {str(place): f"{int(bits[place]):016x}" for place in odd}} if len(odd) else {}
