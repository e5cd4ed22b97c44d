"""What is refused, and what the refusal says."""

import numpy as np
import pytest

from services.forecasting.accuracy import holdout_mase
from services.forecasting.models import MODELS
from services.forecasting.rows import forecast_rows
from tests.unit.forecasting.panels import uniform


@pytest.mark.parametrize("horizon", [0, -1])
@pytest.mark.parametrize("model", MODELS)
def test_no_horizon(model: str, horizon: int) -> None:
    for call in (
        lambda: MODELS[model].fit_forecast(uniform(2, 30), horizon, (80,)),
        lambda: holdout_mase(model, uniform(2, 30), horizon),
        lambda: forecast_rows(model, uniform(2, 30), horizon, (80,)),
    ):
        with pytest.raises(ValueError, match=f"horizon must be at least 1 step, not {horizon}"):
            call()


@pytest.mark.parametrize("model", MODELS)
def test_the_shortest_series_will_do_and_a_shorter_one_is_refused(model: str) -> None:
    least = MODELS[model].min_steps
    forecast = MODELS[model].fit_forecast(uniform(2, least), 3, (80,))
    assert np.isfinite(forecast.mean).all()
    assert (forecast.lower <= forecast.upper).all()
    with pytest.raises(ValueError, match=f"{least - 1} steps are too few .* at least {least}"):
        MODELS[model].fit_forecast(uniform(2, least - 1), 3, (80,))


@pytest.mark.parametrize("model", MODELS)
def test_a_holdout_that_leaves_enough_will_do_and_a_longer_one_is_refused(model: str) -> None:
    least = MODELS[model].min_steps
    assert np.isfinite(forecast_rows(model, uniform(2, least + 4), 4, (80,))).all()
    with pytest.raises(ValueError, match=rf"hold out the last 5: {least - 1} are left .* at least {least}"):
        forecast_rows(model, uniform(2, least + 4), 5, (80,))
    with pytest.raises(ValueError, match="hold out the last 1000000000: 0 are left"):
        holdout_mase(model, uniform(2, least + 4), 10**9)


@pytest.mark.parametrize("level", [0, 100, -5])
def test_a_level_that_is_none(level: int) -> None:
    with pytest.raises(ValueError, match=f"levels are percentages between 0 and 100, both excluded, not {level}"):
        forecast_rows("ols", uniform(2, 30), 3, (80, level))


def test_no_season() -> None:
    with pytest.raises(ValueError, match="season_length must be at least 1 step, not 0"):
        forecast_rows("theta", uniform(2, 30), 3, (80,), season_length=0)


def test_a_model_that_is_none() -> None:
    with pytest.raises(ValueError, match="there is no model 'arima'; there are ols, naive, drift, theta"):
        forecast_rows("arima", uniform(2, 30), 3, (80,))
    with pytest.raises(ValueError, match="there is no model ''"):
        holdout_mase("", uniform(2, 30), 3)


def test_a_single_series_is_no_panel() -> None:
    with pytest.raises(ValueError, match=r"two dimensions \(series, steps\), this one has 1"):
        forecast_rows("ols", uniform(1, 30)[0], 3, (80,))
