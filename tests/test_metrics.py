"""The metrics, against scikit-learn and against sums done by hand."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from stance.training.metrics import (
    classification_scores,
    confusion,
    expected_calibration_error,
    macro_f1_interval,
    macro_f1_of_confusion,
    risk_coverage,
    span_f1,
    spans_of_tags,
)

LABELS = ("confirming", "warning", "denying", "unknown")


def answers(seed: int, rows: int = 200, labels: int = 4, right: float = 0.6) -> tuple[list[int], list[int]]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(labels, size=rows)
    return truth.tolist(), np.where(rng.random(rows) < right, truth, rng.integers(labels, size=rows)).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_scores_are_scikit_learn_s(seed):
    truth, guess = answers(seed)
    scores = classification_scores(truth, guess, LABELS)
    assert scores["macro_f1"] == pytest.approx(f1_score(truth, guess, average="macro"))
    assert scores["accuracy"] == pytest.approx(accuracy_score(truth, guess))
    assert [scores[f"f1_{name}"] for name in LABELS] == pytest.approx(list(f1_score(truth, guess, average=None)))


def test_macro_f1_is_over_the_labels_that_occur():
    truth, guess = [0, 0, 1, 1], [0, 3, 1, 1]
    scores = classification_scores(truth, guess, LABELS)
    assert scores["macro_f1"] == pytest.approx(f1_score(truth, guess, labels=[0, 1], average="macro"))
    assert scores["f1_denying"] == scores["f1_unknown"] == 0.0


def test_a_label_that_is_never_given_counts_as_nothing():
    assert classification_scores([0, 1], [0, 0], LABELS)["macro_f1"] == pytest.approx((2 / 3 + 0) / 2)


def test_confusion_has_the_true_labels_as_rows():
    assert confusion([0, 0, 1], [0, 2, 1], 3) == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("labels", [2, 3, 4])
def test_macro_f1_of_a_confusion_is_that_of_its_rows(seed, labels):
    truth, guess = answers(seed, rows=12, labels=labels)
    expected = classification_scores(truth, guess, LABELS)["macro_f1"]
    assert macro_f1_of_confusion(np.array(confusion(truth, guess, 4))) == pytest.approx(expected)


def test_macro_f1_of_a_stack_of_confusions():
    pairs = [answers(seed) for seed in range(3)]
    stack = np.array([confusion(t, g, 4) for t, g in pairs])
    assert macro_f1_of_confusion(stack) == pytest.approx([f1_score(t, g, average="macro") for t, g in pairs])


def interval(groups: int, rows_each: int = 10, seed: int = 3) -> tuple[float, float, float]:
    truth, guess = answers(seed, groups * rows_each)
    low, high = macro_f1_interval(truth, guess, [i // rows_each for i in range(len(truth))], 4, samples=500)
    return low, classification_scores(truth, guess, LABELS)["macro_f1"], high


@pytest.mark.parametrize("groups", [10, 40, 160])
def test_interval_holds_the_score(groups):
    low, score, high = interval(groups)
    assert 0 <= low < score < high <= 1


def test_interval_narrows_with_more_articles():
    widths = [high - low for low, _, high in map(interval, (8, 32, 128))]
    assert widths[0] > 1.5 * widths[1] > 1.5 * 1.5 * widths[2]


def test_interval_is_that_of_articles_drawn_again():
    truth, guess = map(np.array, answers(7, 200))
    rng, scores = np.random.default_rng(11), []
    for _ in range(400):
        rows = (rng.integers(20, size=20)[:, None] * 10 + np.arange(10)).ravel()
        scores.append(f1_score(truth[rows], guess[rows], average="macro"))
    found = macro_f1_interval(truth.tolist(), guess.tolist(), [i // 10 for i in range(200)], 4)
    assert found == pytest.approx(np.percentile(scores, [2.5, 97.5]), abs=0.02)


def test_interval_is_wider_where_an_article_stands_or_falls_as_one():
    truth = [0, 1] * 100
    guess = [t if i // 20 % 2 else 1 - t for i, t in enumerate(truth)]
    together = macro_f1_interval(truth, guess, [i // 20 for i in range(200)], 2, samples=500)
    apart = macro_f1_interval(truth, guess, range(200), 2, samples=500)
    assert together[1] - together[0] > 2 * (apart[1] - apart[0])


def test_interval_is_the_same_each_time_and_does_not_mind_the_names_of_groups():
    truth, guess = answers(0, 60)
    first = macro_f1_interval(truth, guess, [i // 6 for i in range(60)], 4, samples=300)
    assert first == macro_f1_interval(truth, guess, [f"article {i // 6}" for i in range(60)], 4, samples=300)
    assert first != macro_f1_interval(truth, guess, [i // 6 for i in range(60)], 4, samples=300, seed=1)


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ([0, 1, 2, 0], [(1, 3)]),
        ([1, 1, 2], [(0, 1), (1, 3)]),
        ([0, 2, 2], [(1, 3)]),
        ([1, 0, 2], [(0, 1), (2, 3)]),
        ([0, 0], []),
        ([], []),
    ],
)
def test_spans_of_tags(tags, spans):
    assert spans_of_tags(tags) == spans


def test_span_f1_on_a_worked_example():
    truth = [[1, 2, 0, 1], [0, 1, 2, 2], [0, 0]]  # three spans
    guess = [[1, 2, 0, 0], [0, 1, 2, 0], [1, 1]]  # four, one of them exactly right
    scores = span_f1(truth, guess)
    assert (scores["precision"], scores["recall"]) == pytest.approx((1 / 4, 1 / 3))
    assert scores["f1"] == pytest.approx(2 * 1 / (3 + 4))


def test_spans_of_one_row_do_not_count_in_another():
    assert span_f1([[1, 0], [0, 0]], [[0, 0], [1, 0]])["f1"] == 0


@pytest.mark.parametrize(("truth", "guess"), [([[0]], [[0]]), ([[1]], [[0]]), ([[0]], [[1]])])
def test_span_f1_without_spans_is_zero(truth, guess):
    assert span_f1(truth, guess) == {"precision": 0, "recall": 0, "f1": 0}


def test_calibration_error_on_a_worked_example():
    # Bin of 0.9: three rows, two right, gap 0.9 - 2/3. Bin of 0.5: one row, right, gap 0.5.
    confidence, correct = np.array([0.9, 0.9, 0.9, 0.5]), np.array([True, True, False, True])
    expected = 3 / 4 * abs(0.9 - 2 / 3) + 1 / 4 * 0.5
    assert expected_calibration_error(confidence, correct, bins=10) == pytest.approx(expected)


def test_gaps_of_one_bin_cancel_and_those_of_two_do_not():
    confidence, correct = np.array([0.55, 0.95, 0.55, 0.95]), np.array([True, True, True, False])
    assert expected_calibration_error(confidence, correct, bins=1) == pytest.approx(0.0)
    assert expected_calibration_error(confidence, correct, bins=2) == pytest.approx(0.0)
    assert expected_calibration_error(confidence, correct, bins=10) == pytest.approx(0.45)


def test_full_confidence_that_is_always_right_has_no_error():
    assert expected_calibration_error(np.ones(5), np.ones(5)) == 0
    assert expected_calibration_error(np.ones(5), np.zeros(5)) == 1


def test_risk_coverage_on_a_worked_example():
    confidence = np.array([0.9, 0.6, 0.8, 0.6])
    correct = np.array([True, False, False, True])
    coverage, risk = risk_coverage(confidence, correct)
    assert coverage.tolist() == [0.25, 0.5, 1.0]  # the two of 0.6 are kept or left together
    assert risk.tolist() == [0.0, 0.5, 0.5]
