"""Who computes what. The only place that decides how work is dealt out.

What today's models cost is known beforehand, from microseconds for a series of some hundred steps to minutes for a
single one of a million steps with theta: one scatter of pieces of equal expected cost and one gather for as much as is
dealt out in one go. Models whose cost nobody knows beforehand will want the next chunk to go to whichever rank is free;
that choice belongs here.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from services.drain.plan import Part, Plan
from services.forecasting.models import seconds


def longest(plan: Plan) -> float:
    """About how many seconds the rank needs that has the most to do."""
    return max(
        sum(seconds(part.model, count, part.steps) for count, part in zip(share, plan.parts, strict=True) if count)
        for share in plan.shares
    )


def partition(parts: Sequence[Part], ranks: int) -> Plan:
    """Cut the series of all parts into one contiguous piece a rank, of about equal expected cost."""
    series = np.array([part.series for part in parts], dtype=np.int64)
    costs = np.array([seconds(part.model, part.series, part.steps) / part.series for part in parts])
    ends = np.cumsum(series)
    spent = np.cumsum(series * costs)
    # The last cut is the end of the series itself, whatever rounding says.
    wanted = spent[-1] * np.arange(1, ranks) / ranks
    at = np.searchsorted(spent, wanted)
    cuts = ends[at] - np.floor((spent[at] - wanted) / costs[at]).astype(np.int64)
    borders = [0, *cuts.tolist(), int(ends[-1])]
    starts = ends - series
    shares = [
        np.clip(np.minimum(last, ends) - np.maximum(first, starts), 0, None).tolist()
        for first, last in pairwise(borders)
    ]
    return Plan(tuple(parts), tuple(tuple(share) for share in shares))
