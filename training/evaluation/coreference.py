"""How well mentions are linked to their actors: pronouns on GAP, whole chains on annotated documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import stance
from stance.records import Mention
from stance.training.corpora import read_corpus
from stance.training.corpus import Document, LabelledMention
from stance.training.metrics import conll_f1, harmonic_mean


def gap_scores(classifier: stance.StanceClassifier, corpora: Path, split: str = "gap_validation") -> dict[str, float]:
    """Who a pronoun means, from ``analyze`` of the passage: precision, recall and F1 over its (pronoun, name) pairs, as in
    Webster et al. 2018. A name that was not found as a mention is not the pronoun's."""
    rows = list(read_corpus(corpora, split))
    hit = said = true = 0
    for row, article in zip(rows, classifier.analyze_many((r["id"], r["text"]) for r in rows), strict=True):
        pronoun = _actor_at(article, row["pronoun"])
        for name in row["names"]:
            same = pronoun is not None and _actor_at(article, name["span"]) == pronoun
            hit, said, true = hit + (same and name["same"]), said + same, true + name["same"]
    precision, recall = hit / max(said, 1), hit / max(true, 1)
    return {"precision": precision, "recall": recall, "f1": harmonic_mean(precision, recall), "passages": len(rows)}


def _actor_at(article: stance.Article, span: Sequence[int]) -> str | None:
    here = [m for m in article.mentions if m.start < span[1] and span[0] < m.end]
    return min(here, key=lambda m: abs(m.start - span[0]) + abs(m.end - span[1])).actor if here else None


def chain_scores(classifier: stance.StanceClassifier, documents: Sequence[Document], possessives: bool) -> dict[str, float]:
    """CoNLL F1 of the actors' mentions that ``analyze`` finds against the annotated ones; single mentions are no chains.

    A found mention stands for the annotated one that it overlaps most (titles and appositions are cut in many ways).
    ``possessives``: whether the annotation has them; where it has not, *his* and *her* are left out.
    """
    truth: list[frozenset] = []
    guess: list[frozenset] = []
    for d, article in zip(documents, classifier.analyze_many((d.id, d.text) for d in documents), strict=True):
        want = [m for _, m in d.mentions() if m.actor]
        got = [m for m in article.mentions if m.labelled or possessives]
        same = dict(_aligned(want, got))
        truth += _chains((d.id, k, m.actor) for k, m in enumerate(want))
        guess += _chains((d.id, same.get(k, f"found {k}"), m.actor) for k, m in enumerate(got))
    counted = {"documents": len(documents), "chains": len(truth)}
    return {**conll_f1(truth, guess), **counted}


def _chains(mentions: Iterable[tuple[str, object, str]]) -> Iterator[frozenset]:
    chains: dict[str, set] = {}
    for document, mention, actor in mentions:
        chains.setdefault(actor, set()).add((document, mention))
    return (frozenset(c) for c in chains.values() if len(c) > 1)


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
