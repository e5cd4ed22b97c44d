"""What a panel is: series-major, so that a rank's share of the series is one contiguous block of memory."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
"""Float64 values. A panel is (series, steps), C-contiguous: one row a series, oldest step first.

Its values are below 1e150 in size, and 0 or at least 1e-150, so that their squares are finite and do not vanish;
whoever takes in data checks that.
"""

BLOCK_SERIES = 1024
"""Series worked on at a time: few enough to stay in a core's caches, enough to make a NumPy call's own cost small."""


def as_panel(values: FloatArray) -> FloatArray:
    """Give `values` as a C-contiguous float64 panel, copied only if it is not one already.

    Raises ValueError if it is not two-dimensional.
    """
    panel = np.ascontiguousarray(values, dtype=np.float64)
    if panel.ndim != 2:
        raise ValueError(f"a panel has two dimensions (series, steps), this one has {panel.ndim}")
    return panel


def sum_steps(by_step: FloatArray) -> FloatArray:
    """(series,): sums of (steps, series), step after step: `sum(axis=0)` would add a lone series in another order."""
    total: FloatArray = by_step[0].copy()
    for values in by_step[1:]:
        total += values
    return total


def changes_and_gap(panel: FloatArray, scratch: FloatArray | None = None) -> FloatArray:
    """(series, steps): the one-step changes of a C-contiguous panel, and a last column that means nothing.

    Differences of the flat memory, across the rows' ends too, take a third of the time of those by row. `scratch`,
    panel.size values that may be overwritten, saves asking for memory again and again.
    """
    changes = np.empty(panel.size) if scratch is None else scratch[: panel.size]
    flat = panel.reshape(-1)
    np.subtract(flat[1:], flat[:-1], out=changes[:-1])
    changes[-1:] = 0
    return changes.reshape(panel.shape)


def check_request(steps: int, horizon: int, levels: tuple[int, ...], season_length: int, min_steps: int) -> None:
    """Refuse with ValueError what no forecast can be made of: `steps` are those that the model is fitted to."""
    if horizon < 1:
        raise ValueError(f"horizon must be at least 1 step, not {horizon}")
    if season_length < 1:
        raise ValueError(f"season_length must be at least 1 step, not {season_length}")
    if wrong := [level for level in levels if not 0 < level < 100]:
        raise ValueError(f"levels are percentages between 0 and 100, both excluded, not {wrong[0]}")
    if steps < min_steps:
        raise ValueError(f"{steps} steps are too few to fit this model: it needs at least {min_steps}")


def check_holdout(steps: int, horizon: int, min_steps: int) -> None:
    """Refuse with ValueError a panel that is too short to fit the model to what precedes its last `horizon` steps."""
    if steps - horizon < min_steps:
        raise ValueError(
            f"{steps} steps are too few to hold out the last {horizon}: {max(steps - horizon, 0)} are left "
            f"and this model needs at least {min_steps}; ask for a shorter horizon or give longer series"
        )
