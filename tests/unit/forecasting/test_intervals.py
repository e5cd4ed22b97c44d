import pytest
from scipy import stats

from services.forecasting.intervals import EXPAND_FROM, normal_quantile, t_quantile

LEVELS = (1, 10, 50, 80, 90, 95, 99)


@pytest.mark.parametrize("level", LEVELS)
def test_the_normal_quantile_is_scipys(level: int) -> None:
    assert normal_quantile(level) == pytest.approx(stats.norm.ppf(0.5 + level / 200), rel=1e-12)


@pytest.mark.parametrize("level", LEVELS)
def test_the_t_quantile_is_scipys(level: int) -> None:
    for dof in (*range(1, 60), 298, 299, EXPAND_FROM - 1, EXPAND_FROM, EXPAND_FROM + 1, 2000, 10**5, 10**8):
        assert t_quantile(level, dof) == pytest.approx(stats.t.ppf(0.5 + level / 200, dof), rel=1e-10), dof


def test_no_degree_of_freedom_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 degree of freedom, not 0"):
        t_quantile(80, 0)
