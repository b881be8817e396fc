"""The metrics, each in one place, from scikit-learn where it has them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from stance.mentions import spans_of_tags


def classification_scores(truth: Sequence[int], guess: Sequence[int], labels: Sequence[str]) -> dict[str, float]:
    """Macro-F1, accuracy and each label's F1. The macro average is over the labels that occur in ``truth``."""
    present = sorted(set(truth))
    _, _, f1, support = precision_recall_fscore_support(truth, guess, labels=list(range(len(labels))), zero_division=0)
    accuracy = sum(t == g for t, g in zip(truth, guess, strict=True)) / len(truth)
    return {
        "macro_f1": float(sum(f1[i] for i in present) / len(present)),
        "accuracy": accuracy,
        **{f"f1_{name}": float(f1[i]) for i, name in enumerate(labels)},
    }


def confusion(truth: Sequence[int], guess: Sequence[int], size: int) -> list[list[int]]:
    """Rows are the true labels, columns the predicted ones."""
    return confusion_matrix(truth, guess, labels=list(range(size))).tolist()


def span_f1(truth: Sequence[Sequence[int]], guess: Sequence[Sequence[int]]) -> dict[str, float]:
    """Exact-match precision, recall and F1 of the spans of tag sequences."""
    hit = expected = got = 0
    for t, g in zip(truth, guess, strict=True):
        a, b = set(spans_of_tags(t)), set(spans_of_tags(g))
        hit, expected, got = hit + len(a & b), expected + len(a), got + len(b)
    precision, recall = hit / max(got, 1), hit / max(expected, 1)
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / max(precision + recall, 1e-12)}


def macro_f1_of_confusion(matrix: np.ndarray) -> np.ndarray:
    """Macro-F1 of confusion matrices (..., K, K), over the labels that occur in each one's rows, as ``classification_scores``."""
    hit = np.diagonal(matrix, axis1=-2, axis2=-1)
    support, guessed = matrix.sum(-1), matrix.sum(-2)
    f1 = 2 * hit / np.maximum(support + guessed, 1)
    present = support > 0
    return (f1 * present).sum(-1) / np.maximum(present.sum(-1), 1)


def macro_f1_interval(
    truth: Sequence[int], guess: Sequence[int], groups: Sequence[object], size: int, samples: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """The 95% interval of macro-F1 by bootstrap over ``groups`` (articles), since mentions of an article are not independent."""
    order = {g: i for i, g in enumerate(dict.fromkeys(groups))}
    per_group = np.zeros((len(order), size, size), dtype=np.int64)
    np.add.at(per_group, ([order[g] for g in groups], list(truth), list(guess)), 1)
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(len(order), np.full(len(order), 1 / len(order)), size=samples)
    scores = macro_f1_of_confusion(np.tensordot(draws, per_group, axes=1))
    low, high = np.percentile(scores, [2.5, 97.5])
    return float(low), float(high)


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = 15) -> float:
    """Mean gap between confidence and accuracy over equal-width bins, weighted by their rows (Guo et al. 2017)."""
    which = np.clip((confidence * bins).astype(int), 0, bins - 1)
    gap = 0.0
    for b in np.unique(which):
        inside = which == b
        gap += inside.mean() * abs(confidence[inside].mean() - correct[inside].mean())
    return float(gap)


def risk_coverage(confidence: np.ndarray, correct: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coverage (the share of rows kept, the surest first) and risk (the share of wrong ones among them), a point a row.

    After El-Yaniv and Wiener 2010. Rows of the same confidence are kept or left together.
    """
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~correct[order].astype(bool))
    kept = np.arange(1, len(order) + 1)
    last = np.r_[confidence[order][1:] != confidence[order][:-1], True]
    return kept[last] / len(order), wrong[last] / kept[last]


Chains = Sequence[frozenset]


def muc(truth: Chains, guess: Chains) -> tuple[float, float]:
    """Precision and recall of the links that hold chains of mentions together (Vilain et al. 1995)."""

    def recall(of: Chains, by: Chains) -> float:
        chain = {m: i for i, c in enumerate(by) for m in c}
        # A mention that no chain of the other side holds is a part of its own.
        parts = [len({chain.get(m, ("alone", m)) for m in c}) for c in of]
        links = sum(len(c) - 1 for c in of)
        return sum(len(c) - p for c, p in zip(of, parts, strict=True)) / links if links else 0.0

    return recall(guess, truth), recall(truth, guess)


def b_cubed(truth: Chains, guess: Chains) -> tuple[float, float]:
    """Precision and recall of each mention's chain, averaged over mentions (Bagga and Baldwin 1998)."""

    def recall(of: Chains, by: Chains) -> float:
        chain = {m: c for c in by for m in c}
        mentions = sum(map(len, of))
        return sum(len(c & chain.get(m, frozenset())) / len(c) for c in of for m in c) / mentions if mentions else 0.0

    return recall(guess, truth), recall(truth, guess)


def ceaf_e(truth: Chains, guess: Chains) -> tuple[float, float]:
    """Precision and recall of the best one-to-one match of chains, by what two share of their mentions (Luo 2005, phi 4)."""
    if not truth or not guess:
        return 0.0, 0.0
    similarity = np.array([[2 * len(t & g) / (len(t) + len(g)) for g in guess] for t in truth])
    rows, columns = linear_sum_assignment(-similarity)
    total = float(similarity[rows, columns].sum())
    return total / len(guess), total / len(truth)


def harmonic_mean(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def conll_f1(truth: Chains, guess: Chains) -> dict[str, float]:
    """The mean F1 of MUC, B-cubed and CEAF-e, as in the CoNLL-2012 shared task (Pradhan et al. 2012), and each of them."""
    each = {"muc": muc, "b_cubed": b_cubed, "ceaf_e": ceaf_e}
    scores = {name: harmonic_mean(*metric(truth, guess)) for name, metric in each.items()}
    return {"conll_f1": sum(scores.values()) / len(scores), **scores}
