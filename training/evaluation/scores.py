"""Scored mentions -> the scores of each head: metrics with intervals, each label's, calibration, and slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import norm

from stance.training.evaluation.comparison import holm
from stance.training.evaluation.scored import NONE, ScoredHead, ScoredMentions
from stance.training.evaluation.slices import grouped
from stance.training.metrics import (
    ReliabilityDiagram,
    article_confusions,
    brier_score,
    expected_calibration_error,
    macro_f1_of_confusion,
    mean_interval,
    percentile_interval,
    reliability_diagram,
    resampled_sums,
    risk_coverage,
    score_intervals,
    scores_of_confusion,
    squared_errors,
)

METRICS = ("macro_f1", "micro_f1", "weighted_f1", "accuracy", "matthews", "kappa")
COVERAGES = tuple(k / 20 for k in range(1, 21))
# A slice of fewer rows tells nothing, and is not shown.
LEAST_ROWS = 10
# One of fewer articles is shown, and not tested.
LEAST_ARTICLES = 5


@dataclass(frozen=True)
class Estimate:
    """A score and its 95% interval, by bootstrap over articles."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class SliceScores:
    """The rows that share a value of a slice. ``gap``: their accuracy minus that of all other rows; ``p`` of no gap is corrected
    for all slices of the head (Holm), by the normal approximation of the bootstrap."""

    name: str
    value: str
    rows: int
    articles: int
    accuracy: Estimate
    macro_f1: Estimate
    gap: Estimate
    p: float

    @property
    def clearly_worse(self) -> bool:
        return self.gap.value < 0 and self.p < 0.05


@dataclass(frozen=True)
class Calibration:
    """How far probabilities can be trusted, over ``rows`` rows that have them.

    ``expected_error`` has no interval: its bootstrap is biased upwards (every resample adds noise to each bin); the points of
    ``reliability`` have theirs. ``brier`` is None where only the confidence is known. ``risk_coverage``: the error among the
    surest share of the rows.
    """

    rows: int
    expected_error: float
    brier: Estimate | None
    reliability: ReliabilityDiagram
    risk_coverage: list[tuple[float, float]]


@dataclass(frozen=True)
class HeadScores:
    """One head's scores on one set. ``confusion``: rows true, columns predicted, in the order of ``labels``."""

    labels: tuple[str, ...]
    rows: int
    articles: int
    metrics: dict[str, Estimate]
    per_label: dict[str, dict[str, Estimate | int]]
    confusion: list[list[int]]
    calibration: Calibration | None = None
    slices: list[SliceScores] = field(default_factory=list)

    @property
    def macro_f1(self) -> Estimate:
        return self.metrics["macro_f1"]


def score(scored: ScoredMentions, samples: int = 2000, seed: int = 0, sliced: bool = True) -> dict[str, HeadScores]:
    """The scores of each head that has a labelled row. The same seed draws the same articles for every model."""
    articles = np.array(scored.articles, object)
    found = {}
    for name, head in scored.heads.items():
        rows = np.flatnonzero(head.known)
        if len(rows):
            slices = {k: grouped([v[i] for i in rows]) for k, v in scored.slices.items()} if sliced else {}
            found[name] = score_head(head.take(rows), articles[rows].tolist(), slices, samples, seed)
    return found


def score_head(
    head: ScoredHead,
    articles: Sequence[object],
    slices: dict[str, Sequence[str | None]] | None = None,
    samples: int = 2000,
    seed: int = 0,
) -> HeadScores:
    """A head's scores over N rows that are all labelled; ``articles`` (N), ``slices``: name -> values (N)."""
    size = len(head.labels)
    names, masks = [("", "")], [np.ones(len(articles), bool)]
    for name, values in (slices or {}).items():
        column = np.array(values, object)
        for value in sorted({v for v in values if v is not None}, key=_natural):
            mask = column == value
            if mask.sum() >= LEAST_ROWS and not mask.all():
                names.append((name, value))
                masks.append(mask)
    per_article = article_confusions(head.truth, head.guess, articles, size, masks)
    # One drawing of articles for the whole and every slice: (samples, 1 + slices, K, K).
    drawn = resampled_sums(per_article, samples, seed)
    matrices = per_article.sum(0)
    metrics, per_label = _estimates(matrices[0], drawn[:, 0], head.labels)
    parts = _slice_scores(names[1:], matrices, drawn, masks[1:], articles)
    return HeadScores(
        head.labels,
        len(articles),
        len(per_article),
        metrics,
        per_label,
        matrices[0].astype(int).tolist(),
        calibration(head, articles, samples, seed),
        parts,
    )


# Values in the order in which one reads them; others go by their number, then by the alphabet.
READ_AS = (
    *("name", "short name", "pronoun", "description"),
    *("before the cue", "after the cue", "holds the cue", "no cue"),
    *("start", "middle", "end", "seen", "unseen"),
)
ORDER = {value: i for i, value in enumerate(READ_AS)}


def _natural(value: str) -> tuple:
    number = "".join(c for c in value.split(" to ")[-1] if c.isdigit())
    return (ORDER.get(value, len(ORDER)), not number, int(number or 0), value.startswith("over"), value)


def _estimates(matrix: np.ndarray, drawn: np.ndarray, labels: Sequence[str]) -> tuple[dict, dict]:
    point, intervals = scores_of_confusion(matrix, labels), score_intervals(drawn, labels)
    found = {name: Estimate(float(point[name]), *interval) for name, interval in intervals.items()}
    metrics = {m: found[m] for m in METRICS}
    per_label = {
        label: {
            **{k: found[f"{k}_{label}"] for k in ("precision", "recall", "f1")},
            "support": int(point[f"support_{label}"]),
        }
        for label in labels
        if label != NONE
    }
    return metrics, per_label


def _estimate(value: float, drawn: np.ndarray) -> Estimate:
    low, high = percentile_interval(drawn)
    return Estimate(float(value), float(low), float(high))


def _slice_scores(
    names: list, matrices: np.ndarray, drawn: np.ndarray, masks: list, articles: Sequence[object]
) -> list[SliceScores]:
    if not names:
        return []
    accuracy, accuracies = _accuracy(matrices[1:]), _accuracy(drawn[:, 1:])
    rest, rests = _accuracy(matrices[:1] - matrices[1:]), _accuracy(drawn[:, :1] - drawn[:, 1:])
    f1, f1s = macro_f1_of_confusion(matrices[1:]), macro_f1_of_confusion(drawn[:, 1:])
    f1s = np.where(drawn[:, 1:].sum((-2, -1)) > 0, f1s, np.nan)
    gaps = accuracies - rests
    spread = np.nanstd(gaps, axis=0)
    gap = accuracy - rest
    z = np.divide(gap, spread, out=np.where(gap == 0, 0.0, np.inf), where=spread > 0)
    owners = np.array(articles, object)
    per_slice = [len(set(owners[m].tolist())) for m in masks]
    # Of few articles the bootstrap cannot tell how much they differ.
    p = holm(np.where(np.array(per_slice) < LEAST_ARTICLES, 1.0, 2 * norm.sf(np.abs(z))))
    return [
        SliceScores(
            name,
            value,
            int(masks[i].sum()),
            per_slice[i],
            _estimate(accuracy[i], accuracies[:, i]),
            _estimate(f1[i], f1s[:, i]),
            _estimate(gap[i], gaps[:, i]),
            p[i],
        )
        for i, (name, value) in enumerate(names)
    ]


def _accuracy(matrices: np.ndarray) -> np.ndarray:
    total = matrices.sum((-2, -1))
    hit = np.trace(matrices, axis1=-2, axis2=-1)
    return np.divide(hit, total, out=np.full(total.shape, np.nan), where=total > 0)


def calibration(head: ScoredHead, articles: Sequence[object], samples: int = 2000, seed: int = 0) -> Calibration | None:
    """The calibration over the rows with probabilities; None where a model gives none."""
    if head.confidence is None:
        return None
    rows = np.flatnonzero(~np.isnan(head.confidence))
    if not len(rows):
        return None
    h, owners = head.take(rows), [articles[i] for i in rows]
    correct = h.truth == h.guess
    brier = None
    if h.probabilities is not None:
        low, high = mean_interval(squared_errors(h.truth, h.probabilities), owners, samples, seed)
        brier = Estimate(brier_score(h.truth, h.probabilities), low, high)
    coverage, risk = risk_coverage(h.confidence, correct)
    return Calibration(
        len(rows),
        expected_calibration_error(h.confidence, correct),
        brier,
        reliability_diagram(h.confidence, correct, groups=owners, samples=samples, seed=seed),
        [(c, float(risk[min(np.searchsorted(coverage, c - 1e-9), len(risk) - 1)])) for c in COVERAGES],
    )
