import numpy as np
import pytest
from statsmodels.tsa.seasonal import seasonal_decompose
from statsmodels.tsa.stattools import acf

from services.forecasting.seasonality import _factors, _is_seasonal, _offsets, find_seasons
from tests.unit.forecasting.panels import seasonal, uniform, walks


@pytest.mark.parametrize(("season_length", "steps"), [(4, 8), (4, 41), (7, 14), (7, 60), (12, 24), (12, 100)])
def test_the_decomposition_is_that_of_statsmodels(season_length: int, steps: int) -> None:
    panel = seasonal(10, steps, season_length)
    factors, offsets = _factors(panel, season_length), _offsets(panel, season_length)
    for row, series in enumerate(panel):
        multiplied = seasonal_decompose(series, model="multiplicative", period=season_length).seasonal
        added = seasonal_decompose(series, model="additive", period=season_length).seasonal
        np.testing.assert_allclose(factors[row], multiplied[:season_length], rtol=1e-12)
        np.testing.assert_allclose(offsets[row], added[:season_length], rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("season_length", [4, 7, 12])
def test_the_test_is_that_on_statsmodels_autocorrelations(season_length: int) -> None:
    panel = np.concatenate([uniform(200, 60), walks(100, 60), seasonal(50, 60, season_length)])
    expected = []
    for series in panel:
        correlation = acf(series, nlags=season_length, fft=False)[1:]
        limit = 1.6448536269514722 * np.sqrt((1 + 2 * np.sum(correlation[:-1] ** 2)) / len(series))
        expected.append(bool(abs(correlation[-1]) > limit))
    found = _is_seasonal(panel, season_length)
    assert found.tolist() == expected
    assert 0 < found.mean() < 1


def test_what_is_taken_out_is_put_back() -> None:
    panel = np.concatenate([seasonal(5, 60, 12), seasonal(5, 60, 12) - 60, walks(5, 60)])
    seasons = find_seasons(panel, 12)
    factor, offset = seasons.ahead(0, 60)
    np.testing.assert_allclose(seasons.remove(panel) * factor + offset, panel, rtol=1e-12, atol=1e-12)


def test_a_season_that_would_divide_by_nearly_nothing_is_added() -> None:
    quiet = np.where(np.arange(60) % 4 == 0, 1e-6, 100.0)
    seasons = find_seasons(np.stack([quiet]), 4)
    np.testing.assert_array_equal(seasons.factor, 1)
    assert (seasons.offset != 0).all()


def test_a_constant_series_has_no_season() -> None:
    seasons = find_seasons(np.full((2, 40), 3.0), 4)
    np.testing.assert_array_equal(seasons.factor, 1)
    np.testing.assert_array_equal(seasons.offset, 0)
