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
from services.forecasting.panel import FloatArray
from services.forecasting.rows import RowLayout
from services.store.results import StoredResult, pack, unpack


def readable(job_id: int, assets: str, packed: bytes) -> Record:
    """A job's result as JSON shows it; `assets` are the job's, comma-separated."""
    indices = assets.split(",")
    result = _understood(packed, len(indices))
    if result is None:
        return {"job": job_id, "packed": base64.b64encode(packed).decode()}
    layout = RowLayout(result.horizon, result.levels)
    rows = np.frombuffer(result.rows, dtype="<f8").reshape(result.assets, layout.width)
    return {
        "job": job_id,
        "horizon": result.horizon,
        "levels": list(result.levels),
        "dataset_version": result.dataset_version,
        "created": result.created,
        "forecasts": _forecasts(indices, rows, layout),
        **_exact(rows),
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


def _forecasts(assets: Sequence[str], rows: FloatArray, layout: RowLayout) -> list[Record]:
    """One of each asset, in the order of the rows."""
    levels = [str(level) for level in layout.levels]
    parts = rows[:, : layout.forecast_width].reshape(len(rows), 1 + 2 * len(levels), layout.horizon).tolist()
    errors = rows[:, layout.forecast_width :].tolist()
    return [
        {
            "asset": int(asset),
            "mean": mean,
            "lower": dict(zip(levels, bounds[::2], strict=True)),
            "upper": dict(zip(levels, bounds[1::2], strict=True)),
            "mase": mase,
            "naive_mase": naive_mase,
        }
        for asset, (mean, *bounds), (mase, naive_mase) in zip(assets, parts, errors, strict=True)
    ]


def _row(forecast: Mapping[str, Any], layout: RowLayout) -> Sequence[float | None]:
    row = list(forecast["mean"])
    for level in map(str, layout.levels):
        row += forecast["lower"][level] + forecast["upper"][level]
    return [*row, forecast["mase"], forecast["naive_mase"]]


def _exact(rows: FloatArray) -> Record:
    """The bits of the values that JSON has no number for, by their place in all rows; nothing where there are none."""
    finite = np.isfinite(rows)
    if finite.all():
        return {}
    bits = rows.view("<u8").ravel()
    return {"exact": {str(place): f"{int(bits[place]):016x}" for place in np.flatnonzero(~finite)}}
