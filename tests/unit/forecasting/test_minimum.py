import numpy as np
import pytest

from services.forecasting.minimum import Points, refine
from services.forecasting.panel import FloatArray

LOWEST = np.linspace(0.03, 0.97, 25)

SHAPES = {
    "parabolas": lambda at: (at - LOWEST) ** 2,
    "quartics": lambda at: (at - LOWEST) ** 4 + 0.1 * (at - LOWEST) ** 2,
    "lopsided": lambda at: np.exp(3 * (at - LOWEST)) - 3 * (at - LOWEST),
    "kinks": lambda at: np.abs(at - LOWEST),
}


def points(at: FloatArray, shape: str) -> Points:
    return Points(at, SHAPES[shape](at))


@pytest.mark.parametrize(
    ("shape", "probes", "within"),
    [("parabolas", 2, 2e-6), ("quartics", 25, 1e-4), ("lopsided", 20, 1e-4), ("kinks", 40, 1e-2)],
)
def test_every_function_comes_to_its_own_minimum(shape: str, probes: int, within: float) -> None:
    ends = (np.zeros_like(LOWEST), np.full_like(LOWEST, 0.5), np.ones_like(LOWEST))
    low, middle, high = (points(at, shape) for at in ends)
    found = refine(SHAPES[shape], low, middle, high, probes)
    np.testing.assert_allclose(found.at, LOWEST, atol=within)


def test_a_minimum_at_the_end_stays_there() -> None:
    low = points(np.zeros_like(LOWEST), "parabolas")
    slopes = Points(low.at, low.at)
    found = refine(lambda at: at, slopes, slopes, Points(np.ones_like(LOWEST), np.ones_like(LOWEST)), 10)
    np.testing.assert_array_equal(found.at, 0)


def test_probes_stay_within_the_bracket() -> None:
    seen: list[FloatArray] = []

    def watched(at: FloatArray) -> FloatArray:
        seen.append(at)
        return np.cos(40 * at)

    ends = (np.zeros(7), np.linspace(0, 1, 7), np.ones(7))
    low, middle, high = (Points(at, np.cos(40 * at)) for at in ends)
    found = refine(watched, low, middle, high, 20)
    assert min(at.min() for at in seen) >= 0
    assert max(at.max() for at in seen) <= 1
    assert (found.value <= middle.value).all()
