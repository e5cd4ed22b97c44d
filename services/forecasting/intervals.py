"""Quantiles of the normal and of Student's t distribution, without SciPy: its import would slow every rank's start."""

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

EXPAND_FROM = 500
"""Degrees of freedom from which the expansion about the normal quantile is exact to 1e-11 up to the level of 99 %."""


def normal_quantile(level: float) -> float:
    """Half the width, in standard deviations, of the central interval with `level` percent of a normal distribution."""
    return NormalDist().inv_cdf(0.5 + level / 200)


@lru_cache(maxsize=1024)
def t_quantile(level: float, dof: int) -> float:
    """The same for Student's t with `dof` degrees of freedom, to a relative 1e-10; ValueError if dof < 1.

    From the expansion of Abramowitz & Stegun, Handbook of Mathematical Functions, 26.7.5; for few degrees of freedom
    the root, by Newton's method, of the finite sums 26.7.3 and 26.7.4.
    """
    if dof < 1:
        raise ValueError(f"a t distribution has at least 1 degree of freedom, not {dof}")
    if dof >= EXPAND_FROM:
        return _expanded(normal_quantile(level), dof)
    if dof == 1:
        return math.tan(math.pi * level / 200)
    # The mass within ±t is concave for t > 0: started left of the root, Newton's method climbs to it and never passes.
    quantile = normal_quantile(level)
    while True:
        step = (level / 100 - _central_mass(quantile, dof)) / (2 * _density(quantile, dof))
        quantile += step
        if abs(step) <= 1e-13 * quantile:
            return quantile


def _expanded(z: float, dof: int) -> float:
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return math.fsum(term / dof**power for power, term in enumerate(terms))


def _central_mass(t: float, dof: int) -> float:
    angle = math.atan(t / math.sqrt(dof))
    odd = dof % 2
    index = np.arange(1, (dof - odd) // 2)
    factors = (2 * index - 1 + odd) / (2 * index + odd) * math.cos(angle) ** 2
    total = 1 + math.fsum(np.cumprod(factors))
    if odd:
        return 2 / math.pi * (angle + math.sin(angle) * math.cos(angle) * total)
    return math.sin(angle) * total


def _density(t: float, dof: int) -> float:
    log_scale = math.lgamma((dof + 1) / 2) - math.lgamma(dof / 2) - 0.5 * math.log(dof * math.pi)
    return math.exp(log_scale - (dof + 1) / 2 * math.log1p(t * t / dof))
