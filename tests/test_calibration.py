"""Temperature and biases, on logits whose miscalibration is known."""

import numpy as np
import pytest

from stance.training.network.calibration import fit_head


def drawn(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits (N, 3) and labels drawn from their softmax: calibrated as they are."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (rows, 3))
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    return logits, np.array([rng.choice(3, p=row) for row in p])


def test_a_known_temperature_and_bias_are_found_again():
    logits, truth = drawn(6000)
    temperature, bias = fit_head([(2.5 * logits + np.array([1.0, 0.0, -1.0]), truth)], 3)
    assert temperature == pytest.approx(2.5, rel=0.1)
    assert bias == pytest.approx([-1.0, 0.0, 1.0], abs=0.2)


def test_what_is_calibrated_stays():
    temperature, bias = fit_head([drawn(6000)], 3)
    assert temperature == pytest.approx(1, abs=0.1) and bias == pytest.approx([0, 0, 0], abs=0.12)


def test_a_small_set_counts_as_much_as_a_large_one():
    (logits, truth), (few, labels) = drawn(8000), drawn(800, 1)
    shift = np.array([1.0, 0.0, -1.0])
    _, bias = fit_head([(logits, truth), (few + shift, labels)], 3)
    assert -0.8 < bias[0] < -0.2


def test_nothing_to_fit_on_changes_nothing():
    temperature, bias = fit_head([], 3)
    assert temperature == 1 and bias.tolist() == [0, 0, 0]
