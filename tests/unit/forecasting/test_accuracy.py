import numpy as np
import pytest

from services.forecasting.accuracy import holdout_mase, naive_scale
from services.forecasting.models import MODELS
from tests.unit.forecasting.panels import seasonal, uniform, walks


def test_by_hand() -> None:
    # Trained on 1 3 2 6: changes 2, 1, 4, mean 7/3. Naive forecasts 6; drift adds 5/3 a step.
    panel = np.array([[1.0, 3.0, 2.0, 6.0, 7.0, 10.0]])
    drift, naive = holdout_mase("drift", panel, 2)
    np.testing.assert_allclose(naive, [(1 + 4) / 2 / (7 / 3)])
    np.testing.assert_allclose(drift, [(abs(7 - 6 - 5 / 3) + abs(10 - 6 - 10 / 3)) / 2 / (7 / 3)])


@pytest.mark.parametrize("model", MODELS)
def test_the_model_sees_nothing_of_what_is_held_out(model: str) -> None:
    panel = seasonal(10, 60, 12)
    expected = MODELS[model].fit_forecast(np.ascontiguousarray(panel[:, :-6]), 6, (), 12).mean
    scale = np.abs(np.diff(panel[:, :-6], axis=1)).mean(axis=1)
    mase, naive_mase = holdout_mase(model, panel, 6, 12)
    np.testing.assert_allclose(mase, np.abs(panel[:, -6:] - expected).mean(axis=1) / scale, rtol=1e-12)
    np.testing.assert_allclose(naive_mase, np.abs(panel[:, -6:] - panel[:, -7:-6]).mean(axis=1) / scale, rtol=1e-12)


def test_the_naive_model_is_its_own_baseline() -> None:
    mase, naive_mase = holdout_mase("naive", walks(20, 50), 5)
    np.testing.assert_array_equal(mase, naive_mase)


@pytest.mark.parametrize("model", MODELS)
def test_a_constant_training_part_has_no_scale(model: str) -> None:
    panel = np.array([[5.0] * 20, [5.0] * 15 + [6.0] * 5, [5.0] * 14 + [4.0] * 6])
    mase, naive_mase = holdout_mase(model, panel, 5)
    assert np.isnan(mase).tolist() == np.isnan(naive_mase).tolist() == [True, True, False]


def test_errors_are_those_of_clipped_forecasts() -> None:
    panel = np.array([[0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.0, 1.0]])
    free, _ = holdout_mase("ols", panel, 2)
    clipped, _ = holdout_mase("ols", panel, 2, bounds=(0.0, 1.0))
    np.testing.assert_allclose(free, [(0.2 + 0.4) / 2 / 0.2])
    np.testing.assert_allclose(clipped, [0], atol=1e-12)


def test_the_scale_leaves_out_what_is_held_out() -> None:
    panel = uniform(5, 30)
    np.testing.assert_allclose(naive_scale(panel, 4), np.abs(np.diff(panel[:, :-4], axis=1)).mean(axis=1), rtol=1e-13)
