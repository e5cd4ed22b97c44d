import hashlib

import numpy as np

from services.forecasting.market import market_panel


def test_the_market_is_the_same_on_every_machine() -> None:
    values = market_panel(2024).astype("<f8").tobytes()
    assert hashlib.sha256(values).hexdigest() == "e3ac4f19fd9af982045f730c935755832d33f0ad4d90fb7bef716ccf976fe86d"


def test_a_hundred_series_of_three_hundred_steps_between_nought_and_one() -> None:
    panel = market_panel(7)
    assert panel.shape == (100, 300)
    assert panel.flags.c_contiguous
    assert panel.dtype == np.float64
    assert 0 <= panel.min() < 0.001
    assert 0.999 < panel.max() < 1


def test_another_seed_is_another_market() -> None:
    assert not np.array_equal(market_panel(1), market_panel(2))


def test_the_first_series_do_not_depend_on_how_many_there_are() -> None:
    np.testing.assert_array_equal(market_panel(1, series=3), market_panel(1, series=50)[:3])
