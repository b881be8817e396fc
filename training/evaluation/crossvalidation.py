"""Cross-validation over articles: each article is answered by a model that was trained without it, several times over.

Folds of whole articles, since the mentions of one are alike; seeds, since training is a lottery: the spread over seeds is what a
difference between two models has to exceed before it means anything.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stance.labels import HEADS
from stance.training.evaluation.scored import NONE, ScoredHead, ScoredMentions
from stance.training.evaluation.systems import Baseline, Model, TrainingData, folds
from stance.training.labelled.corpus import Document
from stance.training.metrics import classification_scores

# Documents to learn from, a seed -> what answers others.
Fit = Callable[[Sequence[Document], int], "Fitted"]
# A set's name and documents -> what it says of them.
Fitted = Callable[[str, Sequence[Document]], ScoredMentions]


@dataclass(frozen=True)
class Run:
    """One model of a cross-validation: its seed and fold, how many rows it answered, and head -> scores over them."""

    seed: int
    fold: int
    rows: int
    scores: dict[str, dict[str, float]]


@dataclass(frozen=True)
class Spread:
    """The mean and the standard deviation (n - 1) of a score; 0 of a single one."""

    mean: float
    deviation: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0)


@dataclass(frozen=True)
class CrossValidation:
    """``runs``: a model a fold and seed. ``pooled``: the answers of all folds together, a table a seed."""

    folds: int
    runs: Sequence[Run]
    pooled: Sequence[ScoredMentions]

    @property
    def seeds(self) -> list[int]:
        return list(dict.fromkeys(r.seed for r in self.runs))

    @property
    def heads(self) -> list[str]:
        return list(self.pooled[0].heads)

    def over_seeds(self, head: str, metric: str = "macro_f1") -> Spread:
        """Of the score over all rows, a score a seed. A figure to publish."""
        return Spread.of([_scores(p.heads[head])[metric] for p in self.pooled])

    def over_folds(self, head: str, metric: str = "macro_f1") -> Spread:
        """Of the score of each fold and seed: how far single test sets differ."""
        return Spread.of([r.scores[head][metric] for r in self.runs if head in r.scores])


def cross_validate(
    documents: Sequence[Document], fit: Fit, name: str, count: int = 5, seeds: Sequence[int] = (1,), progress: bool = True
) -> CrossValidation:
    """``count`` folds for each seed, dealt anew each time. Raises ``ValueError`` for fewer labelled articles than two."""
    labelled = [d for d in documents if any(True for _ in d.mentions())]
    keys = [f"{d.source}/{d.id}" for d in labelled for _ in d.mentions()]
    owners = [i for i, d in enumerate(labelled) for _ in d.mentions()]
    count = min(count, len(set(keys)))
    runs, pooled = [], []
    for seed in seeds:
        parts = []
        for number, rows in enumerate(folds(keys, count, seed), 1):
            if progress:
                print(f"cross-validation: seed {seed}, fold {number} of {count}", file=sys.stderr)
            inside = {keys[i] for i in rows}
            here = [labelled[i] for i in dict.fromkeys(owners[i] for i in rows)]
            rest = [d for d in labelled if f"{d.source}/{d.id}" not in inside]
            scored = fit(rest, seed)(name, here)
            parts.append(scored)
            runs.append(Run(seed, number, len(scored), {h: _scores(s) for h, s in scored.heads.items()}))
        pooled.append(joined(parts))
    return CrossValidation(count, runs, pooled)


def _scores(head: ScoredHead) -> dict[str, float]:
    known = head.known
    return classification_scores(head.truth[known], head.guess[known], head.labels)


def joined(parts: Sequence[ScoredMentions]) -> ScoredMentions:
    """Tables of one model on parts of a set as one. Labels and slices that a part lacks are none in its rows."""
    first = parts[0]
    text = {c: [x for p in parts for x in p.text[c]] for c in first.text}
    names = list(dict.fromkeys(n for p in parts for n in p.slices))
    slices = {n: [x for p in parts for x in p.slices.get(n, [None] * len(p))] for n in names}
    heads = {}
    for head in HEADS:
        if not any(head in p.heads for p in parts):
            continue
        labels = list(dict.fromkeys(x for p in parts if head in p.heads for x in p.heads[head].labels))
        labels = [x for x in labels if x != NONE] + [NONE] * (NONE in labels)
        heads[head] = _joined_head(head, labels, parts)
    return ScoredMentions(first.model, first.name, text, heads, slices)


def _joined_head(head: str, labels: Sequence[str], parts: Sequence[ScoredMentions]) -> ScoredHead:
    at = {label: i for i, label in enumerate(labels)}
    truth, guess, tables, sures = [], [], [], []
    for p in parts:
        h = p.heads.get(head)
        table, sure = np.full((len(p), len(labels)), np.nan), np.full(len(p), np.nan)
        if h is None:
            truth, guess = truth + [-1] * len(p), guess + [-1] * len(p)
        else:
            truth += [at[h.labels[t]] if t >= 0 else -1 for t in h.truth]
            guess += [at[h.labels[g]] if g >= 0 else -1 for g in h.guess]
            if h.probabilities is not None:
                table[~np.isnan(h.probabilities[:, 0])] = 0.0
                table[:, [at[x] for x in h.labels]] = h.probabilities
            if h.confidence is not None:
                sure = h.confidence
        tables.append(table)
        sures.append(sure)
    table, sure = np.concatenate(tables), np.concatenate(sures)
    return ScoredHead(
        tuple(labels),
        np.array(truth, int),
        np.array(guess, int),
        None if np.isnan(table).all() else table,
        None if np.isnan(sure).all() else sure,
    )


# --- what is trained ------------------------------------------------------------------------------------------------


def baseline(name: str) -> Fit:
    """A baseline learns in seconds."""

    def fit(documents: Sequence[Document], seed: int) -> Fitted:
        training = TrainingData(documents, "the other folds")
        return lambda set_name, here: Baseline(name, crossed=False).score(set_name, here, training)

    return fit


def finetuned(base: str, recipe_name: str | None = None, changes: dict[str, Any] | None = None) -> Fit:
    """A model trained from ``base`` as ``stance train`` would, once a fold and seed, in a folder that is then deleted."""
    import stance
    from stance.training import finetune
    from stance.training.finetuning import recipe as recipes
    from stance.training.finetuning.starting_point import label_set
    from stance.training.finetuning.teaching import Teaching, default_recipe
    from stance.training.labelled import sources

    def fit(documents: Sequence[Document], seed: int) -> Fitted:
        mentions = sum(1 for d in documents for _ in d.mentions())
        recipe = recipes.load(recipe_name or default_recipe(mentions, base))
        recipe = recipe.changed({**(changes or {}), "base": base, "seed": seed})
        held, taught = ([d for d in documents if sources.held_out(d, recipe.held_out or 0) == side] for side in (True, False))
        development = {"data": held} if held and taught else {}
        taught = taught or list(documents)
        teaching = Teaching([{"data": taught} for _ in recipe.stages], development, labels=label_set(taught, recipe.labels))
        scratch = tempfile.TemporaryDirectory()
        finetune.fit(recipe, teaching, Path(scratch.name), [])
        training = TrainingData(documents, "the other folds")

        def answer(set_name: str, here: Sequence[Document]) -> ScoredMentions:
            with scratch:
                return Model(stance.load(scratch.name), base).score(set_name, here, training)

        return answer

    return fit
