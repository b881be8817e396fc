"""Agreement of two annotators, against worked examples."""

from __future__ import annotations

import pytest

from stance.training.agreement import krippendorff_alpha, paired_labels
from stance.training.sources import DATA


def test_alpha_of_the_binary_example_of_krippendorff_2011():
    """Section A of his paper: two observers, ten units, alpha 0.095."""
    one = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    two = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert krippendorff_alpha(list(zip(map(str, one), map(str, two)))) == pytest.approx(0.095, abs=0.0005)


def test_alpha_is_one_without_and_negative_with_systematic_disagreement():
    assert krippendorff_alpha([("a", "a"), ("b", "b")]) == 1
    assert krippendorff_alpha([("a", "b"), ("b", "a")]) < 0


def test_the_passes_of_the_development_gold_agree():
    pairs, a, b = paired_labels(DATA / "dev_gold_pass_a.jsonl", DATA / "dev_gold_pass_b.jsonl")
    assert min(a, b) >= 600 and len(pairs["stance"]) >= 600
    assert krippendorff_alpha(pairs["stance"]) > 0.9
