"""Finding the mentions, from ``analyze`` of whole texts: exactly, overlapping, and found with the right labels (end to end)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import stance
from stance.records import Prediction
from stance.training.evaluation.scores import Estimate
from stance.training.labelled.corpus import Document, LabelledMention
from stance.training.metrics import percentile_interval, resampled_sums

EXACT, OVERLAPPING, POSITION = "exact", "overlapping", "with a position, overlapping"
WITH_STANCE, WITH_BOTH = "overlapping, with the right stance", "overlapping, with the right stance and sentiment"


@dataclass(frozen=True)
class Found:
    """Precision, recall and F1 of finding mentions, each with its interval over articles."""

    precision: Estimate
    recall: Estimate
    f1: Estimate


def found_mentions(
    classifier: stance.StanceClassifier, documents: Sequence[Document], samples: int = 2000, seed: int = 0
) -> dict[str, Found]:
    """How well mentions are found in completely labelled sentences; {} where no sentence is labelled completely.

    Matches by a label are left out for a model without that head. A mention with a position is one that is not unknown; one
    found where nothing is labelled is a false one if it was given a position.
    """
    counts: dict[str, list[tuple[int, int, int]]] = {}
    complete = [d for d in documents if any(s.complete and s.mentions for s in d.labelled.values())]
    for d, article in zip(complete, classifier.analyze_many((d.id, d.text) for d in complete), strict=True):
        for name, count in article_counts(d, article.predictions).items():
            counts.setdefault(name, []).append(count)
    labels = classifier.labels
    has = {
        POSITION: "unknown" in labels.stance,
        WITH_STANCE: bool(labels.stance),
        WITH_BOTH: bool(labels.stance and labels.sentiment),
    }
    return {name: _found(np.array(c, float), samples, seed) for name, c in counts.items() if has.get(name, True)}


def article_counts(document: Document, predictions: Sequence[Prediction]) -> dict[str, tuple[int, int, int]]:
    """(hits, labelled, found) of one article, by how a hit is counted."""
    total = dict.fromkeys((EXACT, OVERLAPPING, POSITION, WITH_STANCE, WITH_BOTH), (0, 0, 0))
    for s in document.labelled.values():
        if not s.complete:
            continue
        got = [p for p in predictions if s.start <= (p.mention_start or 0) < s.end]
        want = s.mentions
        pairs = overlaps(want, got)
        matched = {id(p) for _, p in pairs}
        false = sum(p.stance != "unknown" for p in got if id(p) not in matched)
        right = [(m, p) for m, p in pairs if m.stance == p.stance]
        here = {
            EXACT: (len({(m.start, m.end) for m in want} & {(p.mention_start, p.mention_end) for p in got}), len(want), len(got)),
            OVERLAPPING: (len(pairs), len(want), len(got)),
            WITH_STANCE: (len(right), len(want), len(got)),
            WITH_BOTH: (sum(m.sentiment == p.sentiment for m, p in right), len(want), len(got)),
        }
        held = [m for m, _ in pairs if m.stance != "unknown"]
        here[POSITION] = (len(held), sum(m.stance != "unknown" for m in want), len(held) + false)
        total = {name: tuple(a + b for a, b in zip(total[name], here[name], strict=True)) for name in total}
    return total


def overlaps(want: Sequence[LabelledMention], got: Sequence[Prediction]) -> list[tuple[LabelledMention, Prediction]]:
    """Pairs of labelled and found mentions that share a character, each used once, the larger overlap first."""
    pairs = sorted(
        (
            (min(m.end, p.mention_end) - max(m.start, p.mention_start), m, p)
            for m in want
            for p in got
            if m.start < p.mention_end and p.mention_start < m.end
        ),
        key=lambda x: -x[0],
    )
    used, out = set(), []
    for _, m, p in pairs:
        if id(m) not in used and id(p) not in used:
            used |= {id(m), id(p)}
            out.append((m, p))
    return out


def _found(counts: np.ndarray, samples: int, seed: int) -> Found:
    """``counts`` (articles, 3): hits, labelled, found."""
    points, drawn = _rates(counts.sum(0)), _rates(resampled_sums(counts, samples, seed))
    return Found(*(Estimate(float(p), *map(float, percentile_interval(d))) for p, d in zip(points, drawn, strict=True)))


def _rates(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision, recall and F1 (...) of counts (..., 3)."""
    hit, want, got = np.moveaxis(counts, -1, 0)
    return hit / np.maximum(got, 1), hit / np.maximum(want, 1), 2 * hit / np.maximum(want + got, 1)
