"""The metrics, each in one place.

Those of confusion matrices (..., K, K; rows true, columns predicted) take a stack of them as well as one, so that the bootstrap
scores its samples all at once. scikit-learn scores one set of rows a call; the tests hold each metric against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import confusion_matrix

from stance.mentions import spans_of_tags

# --- of confusion matrices ------------------------------------------------------------------------------------------


def classification_scores(truth: Sequence[int], guess: Sequence[int], labels: Sequence[str]) -> dict[str, float]:
    """Macro-F1, accuracy and each label's F1, the part of ``scores_of_confusion`` that a training log keeps."""
    scores = scores_of_confusion(np.array(confusion(truth, guess, len(labels))), labels)
    return {name: float(scores[name]) for name in ("macro_f1", "accuracy", *(f"f1_{label}" for label in labels))}


def confusion(truth: Sequence[int], guess: Sequence[int], size: int) -> list[list[int]]:
    """Rows are the true labels, columns the predicted ones."""
    return confusion_matrix(truth, guess, labels=list(range(size))).tolist()


def scores_of_confusion(matrix: np.ndarray, labels: Sequence[str], undefined: float = 0.0) -> dict[str, np.ndarray]:
    """Every metric of confusion matrices (..., K, K) by name, each of shape (...).

    ``macro_f1``, ``micro_f1``, ``weighted_f1``, ``accuracy``, ``matthews``, ``kappa``, and for each label ``precision_LABEL``,
    ``recall_LABEL``, ``f1_LABEL`` and ``support_LABEL``. ``undefined`` stands where a metric divides by zero.
    """
    accuracy = _ratio(np.trace(matrix, axis1=-2, axis2=-1), matrix.sum((-2, -1)), undefined)
    scores = {
        "macro_f1": macro_f1_of_confusion(matrix),
        # With one label a row, micro-averaged precision, recall and F1 are all the accuracy.
        "micro_f1": accuracy,
        "weighted_f1": weighted_f1_of_confusion(matrix),
        "accuracy": accuracy,
        "matthews": matthews_of_confusion(matrix, undefined),
        "kappa": kappa_of_confusion(matrix, undefined),
    }
    for metric, values in label_scores(matrix, undefined).items():
        scores |= {f"{metric}_{label}": values[..., i][()] for i, label in enumerate(labels)}
    return scores


def label_scores(matrix: np.ndarray, undefined: float = 0.0) -> dict[str, np.ndarray]:
    """``precision``, ``recall``, ``f1`` and ``support`` of each label, (..., K), of confusion matrices (..., K, K)."""
    hit = np.diagonal(matrix, axis1=-2, axis2=-1)
    support, guessed = matrix.sum(-1), matrix.sum(-2)
    return {
        "precision": _ratio(hit, guessed, undefined),
        "recall": _ratio(hit, support, undefined),
        "f1": _ratio(2 * hit, support + guessed, undefined),
        "support": support,
    }


def macro_f1_of_confusion(matrix: np.ndarray) -> np.ndarray:
    """Macro-F1 (...) of confusion matrices (..., K, K), over the labels that occur in each one's rows."""
    scores = label_scores(matrix)
    present = scores["support"] > 0
    return (scores["f1"] * present).sum(-1) / np.maximum(present.sum(-1), 1)


def weighted_f1_of_confusion(matrix: np.ndarray) -> np.ndarray:
    """The labels' F1 averaged by their support, (...), of confusion matrices (..., K, K)."""
    scores = label_scores(matrix)
    return _ratio((scores["f1"] * scores["support"]).sum(-1), scores["support"].sum(-1), 0.0)


def matthews_of_confusion(matrix: np.ndarray, undefined: float = 0.0) -> np.ndarray:
    """Matthews correlation for any number of labels (Gorodkin 2004), (...), of confusion matrices (..., K, K)."""
    hit, total = np.trace(matrix, axis1=-2, axis2=-1), matrix.sum((-2, -1))
    support, guessed = matrix.sum(-1), matrix.sum(-2)
    # As floats: the product of two squared counts leaves 64-bit integers from 60,000 rows on.
    spread = (total**2 - (support**2).sum(-1)).astype(float) * (total**2 - (guessed**2).sum(-1))
    return _ratio(hit * total - (support * guessed).sum(-1), np.sqrt(spread), undefined)


def kappa_of_confusion(matrix: np.ndarray, undefined: float = 0.0) -> np.ndarray:
    """Cohen's kappa (Cohen 1960), (...), of confusion matrices (..., K, K): agreement beyond what the margins give by chance."""
    hit, total = np.trace(matrix, axis1=-2, axis2=-1), matrix.sum((-2, -1))
    chance = (matrix.sum(-1) * matrix.sum(-2)).sum(-1)
    return _ratio(hit * total - chance, total**2 - chance, undefined)


def _ratio(part: np.ndarray, whole: np.ndarray, undefined: float) -> np.ndarray:
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    # [()]: of one matrix a number, not an array without dimensions.
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, undefined), where=whole > 0)[()]


# --- the bootstrap over articles ------------------------------------------------------------------------------------


def article_sums(values: np.ndarray, groups: Sequence[object]) -> np.ndarray:
    """Rows' values (N, ...), added up article by article: (articles, ...), in the order in which ``groups`` (N) names them."""
    order = {g: i for i, g in enumerate(dict.fromkeys(groups))}
    sums = np.zeros((len(order), *values.shape[1:]))
    np.add.at(sums, [order[g] for g in groups], values)
    return sums


def article_confusions(
    truth: Sequence[int], guess: Sequence[int], groups: Sequence[object], size: int, parts: Sequence[np.ndarray] | None = None
) -> np.ndarray:
    """The confusion matrix of each article, (articles, size, size).

    ``parts``: masks (N) of some of the rows; given them, the matrix of each article in each part, (articles, parts, size, size).
    """
    order = {g: i for i, g in enumerate(dict.fromkeys(groups))}
    cells = np.array([order[g] for g in groups]) * size * size + np.asarray(truth) * size + np.asarray(guess)
    masks = [slice(None)] if parts is None else parts
    counts = [np.bincount(cells[m], minlength=len(order) * size * size).reshape(len(order), size, size) for m in masks]
    return counts[0] if parts is None else np.stack(counts, axis=1)


def resampled_sums(per_article: np.ndarray, samples: int = 2000, seed: int = 0) -> np.ndarray:
    """The sums of articles' values (articles, ...) over articles drawn with replacement, as many as there are: (samples, ...).

    Articles are drawn and not rows, since the mentions of an article are not independent (the cluster bootstrap, Field and
    Welsh 2007). The same seed draws the same articles, so models that were scored on the same rows are compared in pairs.
    """
    articles = len(per_article)
    flat = per_article.reshape(articles, -1).astype(float)
    # Drawn in parts, whose counts take 32 MB, not samples x articles; where one part is all, it is kept for the next metric.
    part = max(4_000_000 // articles, 1)
    if samples <= part:
        drawn = _counts_of_one_part(articles, samples, seed) @ flat
    else:
        rng = np.random.default_rng(seed)
        sizes = (min(part, samples - start) for start in range(0, samples, part))
        drawn = np.concatenate([_draw_counts(rng, articles, size) @ flat for size in sizes])
    return drawn.reshape(samples, *per_article.shape[1:])


@lru_cache(maxsize=2)
def _counts_of_one_part(articles: int, samples: int, seed: int) -> np.ndarray:
    return _draw_counts(np.random.default_rng(seed), articles, samples)


def _draw_counts(rng: np.random.Generator, articles: int, samples: int) -> np.ndarray:
    """How often each article is drawn, (samples, articles). Counting draws is ten times as fast as a multinomial."""
    drawn = rng.integers(articles, size=(samples, articles)) + articles * np.arange(samples)[:, None]
    return np.bincount(drawn.ravel(), minlength=samples * articles).reshape(samples, articles).astype(float)


def percentile_interval(scores: np.ndarray, level: float = 0.95) -> np.ndarray:
    """The percentile bootstrap interval (Efron 1979): (2, ...), low and high, of resampled scores (samples, ...).

    Samples in which a score is undefined (NaN) are left out; 0 to 0 where it is so in all.
    """
    defined = np.where(np.isnan(scores).all(0), 0.0, scores)
    return np.nanpercentile(defined, [50 - 50 * level, 50 + 50 * level], axis=0)


def score_intervals(matrices: np.ndarray, labels: Sequence[str]) -> dict[str, tuple[float, float]]:
    """The 95% interval of every metric of ``scores_of_confusion`` but the supports, by its name, from resampled confusion
    matrices (samples, K, K)."""
    scores = scores_of_confusion(matrices, labels, undefined=np.nan)
    names = [name for name in scores if not name.startswith("support_")]
    low, high = percentile_interval(np.stack([scores[name] for name in names], axis=-1))
    return {name: (float(a), float(b)) for name, a, b in zip(names, low, high, strict=True)}


def mean_interval(values: np.ndarray, groups: Sequence[object], samples: int = 2000, seed: int = 0) -> tuple[float, float]:
    """The 95% interval over ``groups`` (articles) of the mean of rows' values (N), such as ``squared_errors``."""
    sums = resampled_sums(article_sums(np.stack([values, np.ones(len(values))], axis=1), groups), samples, seed)
    low, high = percentile_interval(sums[:, 0] / sums[:, 1])
    return float(low), float(high)


# --- of the spans of tags -------------------------------------------------------------------------------------------


def span_f1(truth: Sequence[Sequence[int]], guess: Sequence[Sequence[int]]) -> dict[str, float]:
    """Exact-match precision, recall and F1 of the spans of tag sequences."""
    hit = expected = got = 0
    for t, g in zip(truth, guess, strict=True):
        a, b = set(spans_of_tags(t)), set(spans_of_tags(g))
        hit, expected, got = hit + len(a & b), expected + len(a), got + len(b)
    precision, recall = hit / max(got, 1), hit / max(expected, 1)
    return {"precision": precision, "recall": recall, "f1": harmonic_mean(precision, recall)}


# --- of probabilities -----------------------------------------------------------------------------------------------


def squared_errors(truth: Sequence[int], probabilities: np.ndarray) -> np.ndarray:
    """Each row's squared distance (N) of its probabilities (N, K) from its label: 0, sure and right, to 2, sure and wrong."""
    return ((probabilities - np.eye(probabilities.shape[1])[list(truth)]) ** 2).sum(1)


def brier_score(truth: Sequence[int], probabilities: np.ndarray) -> float:
    """The mean of ``squared_errors``, 0 to 2 as Brier (1950) defined it. Its interval: ``mean_interval`` of them."""
    return float(squared_errors(truth, probabilities).mean())


@dataclass(frozen=True)
class ReliabilityDiagram:
    """A point a bin that has rows: their mean confidence, the share that is right, how many they are; each of shape (points).

    ``interval`` (points, 2): the 95% interval of the accuracy over articles, where articles were given.
    """

    confidence: np.ndarray
    accuracy: np.ndarray
    rows: np.ndarray
    interval: np.ndarray | None = None


def reliability_diagram(
    confidence: np.ndarray,
    correct: np.ndarray,
    bins: int = 15,
    groups: Sequence[object] | None = None,
    samples: int = 2000,
    seed: int = 0,
) -> ReliabilityDiagram:
    """Confidence (N) against accuracy in equal-width bins, each with its upper edge (Guo et al. 2017)."""
    which = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence)
    used, which = np.unique(which, return_inverse=True)
    sums = np.zeros((len(confidence), len(used), 3))
    sums[np.arange(len(confidence)), which] = np.stack([confidence, correct, np.ones(len(confidence))], axis=1)
    sure, right, rows = sums.sum(0).T
    interval = None
    if groups is not None:
        drawn = resampled_sums(article_sums(sums, groups), samples, seed)
        interval = percentile_interval(_ratio(drawn[..., 1], drawn[..., 2], np.nan)).T
    return ReliabilityDiagram(sure / rows, right / rows, rows.astype(int), interval)


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = 15) -> float:
    """Mean gap between confidence and accuracy over the bins of ``reliability_diagram``, weighted by rows (Guo et al. 2017)."""
    points = reliability_diagram(confidence, correct, bins)
    return float(np.average(np.abs(points.confidence - points.accuracy), weights=points.rows))


def risk_coverage(confidence: np.ndarray, correct: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coverage (the share of rows kept, the surest first) and risk (the share of wrong ones among them), a point a row.

    After El-Yaniv and Wiener 2010. Rows of the same confidence are kept or left together.
    """
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~correct[order].astype(bool))
    kept = np.arange(1, len(order) + 1)
    last = np.r_[confidence[order][1:] != confidence[order][:-1], True]
    return kept[last] / len(order), wrong[last] / kept[last]


# --- of coreference chains ------------------------------------------------------------------------------------------

Chains = Sequence[frozenset]
# What was right of what was said, and what was found of what is true: the four sums that give precision and recall.
Counts = tuple[float, float, float, float]


def muc_counts(truth: Chains, guess: Chains) -> Counts:
    def found(of: Chains, by: Chains) -> tuple[float, float]:
        chain = {m: i for i, c in enumerate(by) for m in c}
        # A mention that no chain of the other side holds is a part of its own.
        parts = [len({chain.get(m, ("alone", m)) for m in c}) for c in of]
        return sum(len(c) - p for c, p in zip(of, parts, strict=True)), sum(len(c) - 1 for c in of)

    return *found(guess, truth), *found(truth, guess)


def b_cubed_counts(truth: Chains, guess: Chains) -> Counts:
    def found(of: Chains, by: Chains) -> tuple[float, float]:
        chain = {m: c for c in by for m in c}
        return sum(len(c & chain.get(m, frozenset())) / len(c) for c in of for m in c), sum(map(len, of))

    return *found(guess, truth), *found(truth, guess)


def ceaf_e_counts(truth: Chains, guess: Chains) -> Counts:
    total = 0.0
    if truth and guess:
        similarity = np.array([[2 * len(t & g) / (len(t) + len(g)) for g in guess] for t in truth])
        total = float(similarity[linear_sum_assignment(-similarity)].sum())
    return total, len(guess), total, len(truth)


def muc(truth: Chains, guess: Chains) -> tuple[float, float]:
    """Precision and recall of the links that hold chains of mentions together (Vilain et al. 1995)."""
    return _pair(muc_counts(truth, guess))


def b_cubed(truth: Chains, guess: Chains) -> tuple[float, float]:
    """Precision and recall of each mention's chain, averaged over mentions (Bagga and Baldwin 1998)."""
    return _pair(b_cubed_counts(truth, guess))


def ceaf_e(truth: Chains, guess: Chains) -> tuple[float, float]:
    """Precision and recall of the best one-to-one match of chains, by what two share of their mentions (Luo 2005, phi 4)."""
    return _pair(ceaf_e_counts(truth, guess))


def _pair(counts: Counts) -> tuple[float, float]:
    precision, recall = precision_recall(np.array(counts, float))
    return float(precision), float(recall)


def precision_recall(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts (..., 4) -> precision (...) and recall (...), 0 where nothing was said or is true."""
    return _ratio(counts[..., 0], counts[..., 1], 0.0), _ratio(counts[..., 2], counts[..., 3], 0.0)


def harmonic_mean(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


CONLL = {"muc": muc_counts, "b_cubed": b_cubed_counts, "ceaf_e": ceaf_e_counts}


def conll_counts(truth: Chains, guess: Chains) -> np.ndarray:
    """The counts of a document's chains (3, 4), a row a metric of ``CONLL``; those of several documents add up."""
    return np.array([counts(truth, guess) for counts in CONLL.values()])


def f1_of_counts(counts: np.ndarray) -> np.ndarray:
    """Counts (..., 4) -> F1 (...)."""
    precision, recall = precision_recall(counts)
    return _ratio(2 * precision * recall, precision + recall, 0.0)


def conll_f1(truth: Chains, guess: Chains) -> dict[str, float]:
    """The mean F1 of MUC, B-cubed and CEAF-e, as in the CoNLL-2012 shared task (Pradhan et al. 2012), and each of them."""
    each = f1_of_counts(conll_counts(truth, guess))
    return {"conll_f1": float(each.mean()), **dict(zip(CONLL, each.tolist(), strict=True))}
