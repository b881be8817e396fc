"""How well mentions are linked to their actors: pronouns on GAP, whole chains on annotated documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

import stance
from stance.records import Mention
from stance.training.corpora.reader import read_corpus
from stance.training.evaluation.scores import Estimate
from stance.training.labelled.corpus import Document, LabelledMention
from stance.training.metrics import CONLL, conll_counts, f1_of_counts, percentile_interval, precision_recall, resampled_sums

Scores = dict[str, Estimate | int]


def gap_scores(classifier: stance.StanceClassifier, corpora: Path, split: str = "gap_validation") -> Scores:
    """Who a pronoun means, from ``analyze`` of the passage: precision, recall and F1 over its (pronoun, name) pairs, as in
    Webster et al. 2018, with intervals over passages. A name that was not found as a mention is not the pronoun's."""
    rows = list(read_corpus(corpora, split))
    counts = np.zeros((len(rows), 4))  # right, said, right, true
    for n, (row, article) in enumerate(zip(rows, classifier.analyze_many((r["id"], r["text"]) for r in rows), strict=True)):
        pronoun = _actor_at(article, row["pronoun"])
        for name in row["names"]:
            same = pronoun is not None and _actor_at(article, name["span"]) == pronoun
            counts[n] += (same and name["same"], same, same and name["same"], name["same"])
    return {
        "precision": _estimate(counts, lambda c: precision_recall(c)[0]),
        "recall": _estimate(counts, lambda c: precision_recall(c)[1]),
        "f1": _estimate(counts, f1_of_counts),
        "passages": len(rows),
    }


def _estimate(counts: np.ndarray, score: Callable[[np.ndarray], np.ndarray]) -> Estimate:
    """A score of the summed counts (documents, ...), with its interval over documents."""
    low, high = percentile_interval(score(resampled_sums(counts)))
    return Estimate(float(score(counts.sum(0))), float(low), float(high))


def _actor_at(article: stance.Article, span: Sequence[int]) -> str | None:
    here = [m for m in article.mentions if m.start < span[1] and span[0] < m.end]
    return min(here, key=lambda m: abs(m.start - span[0]) + abs(m.end - span[1])).actor if here else None


def chain_scores(classifier: stance.StanceClassifier, documents: Sequence[Document], possessives: bool) -> Scores:
    """CoNLL F1 of the actors' mentions that ``analyze`` finds against the annotated ones, with its interval over documents;
    single mentions are no chains.

    A found mention stands for the annotated one that it overlaps most (titles and appositions are cut in many ways).
    ``possessives``: whether the annotation has them; where it has not, *his* and *her* are left out.
    """
    counts, chains = [], 0
    for d, article in zip(documents, classifier.analyze_many((d.id, d.text) for d in documents), strict=True):
        want = [m for _, m in d.mentions() if m.actor]
        got = [m for m in article.mentions if m.labelled or possessives]
        same = dict(_aligned(want, got))
        truth = _chains((k, m.actor) for k, m in enumerate(want))
        guess = _chains((same.get(k, f"found {k}"), m.actor) for k, m in enumerate(got))
        counts.append(conll_counts(truth, guess))
        chains += len(truth)
    table = np.stack(counts)
    each = {name: _estimate(table[:, k], f1_of_counts) for k, name in enumerate(CONLL)}
    return {
        "conll_f1": _estimate(table, lambda c: f1_of_counts(c).mean(-1)),
        **each,
        "documents": len(documents),
        "chains": chains,
    }


def _chains(mentions: Iterable[tuple[object, str]]) -> list[frozenset]:
    chains: dict[str, set] = {}
    for mention, actor in mentions:
        chains.setdefault(actor, set()).add(mention)
    return [frozenset(c) for c in chains.values() if len(c) > 1]


def _aligned(want: Sequence[LabelledMention], got: Sequence[Mention]) -> Iterator[tuple[int, int]]:
    """(found, annotated) mentions, one to one, the closest first."""
    pairs = sorted(
        (abs(w.start - g.start) + abs(w.end - g.end), i, k)
        for i, w in enumerate(want)
        for k, g in enumerate(got)
        if w.start < g.end and g.start < w.end
    )
    used: Counter = Counter()
    for _, i, k in pairs:
        if not used["want", i] and not used["got", k]:
            used.update([("want", i), ("got", k)])
            yield k, i
