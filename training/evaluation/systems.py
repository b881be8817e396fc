"""What can be evaluated: a model, a baseline, or predictions that were stored. Each gives ``ScoredMentions`` of a set."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

import stance
from stance.checkpoint import CONFIG
from stance.labels import HEADS
from stance.training.evaluation import baselines
from stance.training.evaluation.rows import LabelledRow, rows_of, text_columns
from stance.training.evaluation.scored import ScoredMentions, head_of, holds_predictions, read_predictions
from stance.training.evaluation.slices import Seen, normal, slices_of
from stance.training.labelled.corpus import Document

FOLDS = 5


@dataclass(frozen=True)
class TrainingData:
    """What the baselines learn from, and what tells which actors and cues are new. ``name``: for the report."""

    documents: Sequence[Document]
    name: str
    seen: Seen = field(init=False, repr=False)

    def __post_init__(self):
        object.__setattr__(self, "seen", Seen.of(self.documents, self.name))


@dataclass
class Model:
    """A loaded model."""

    classifier: stance.StanceClassifier
    name: str

    def score(self, set_name: str, documents: Sequence[Document], training: TrainingData | None = None) -> ScoredMentions:
        rows = rows_of(documents)
        predictions = list(
            track(
                self.classifier.score(r.row for r in rows),
                f"{self.name}: {set_name}",
                len(rows),
                console=Console(stderr=True),
                transient=True,
                disable=not sys.stderr.isatty(),
            )
        )
        lost = [p for p in predictions if not p.found]
        if lost:
            print(
                f"{set_name}: {len(lost)} mentions could not be scored ({lost[0].reason}); they count as wrong", file=sys.stderr
            )
        heads = {}
        for head in HEADS:
            labels = getattr(self.classifier.labels, head)
            truth = [getattr(r, head) for r in rows]
            if labels and any(truth):
                guess = [getattr(p, head) for p in predictions]
                heads[head] = head_of(labels, truth, guess, [getattr(p, f"{head}_probabilities") for p in predictions])
        return ScoredMentions(self.name, set_name, text_columns(rows), heads, slices_of(rows, training and training.seen))


@dataclass
class Baseline:
    """A baseline, fitted on training data without the articles and sentences that are evaluated.

    Where the training data does not have the labels of a set, it is fitted on the set itself by cross-validation over articles,
    and each row is answered by one that has not seen its article; not if ``crossed`` is False.
    """

    name: str
    crossed: bool = True
    _fits: dict = field(default_factory=dict, repr=False)

    def score(self, set_name: str, documents: Sequence[Document], training: TrainingData | None = None) -> ScoredMentions:
        rows = rows_of(documents)
        here, sentences = {r.group for r in rows}, {normal(r.row["sentence"]) for r in rows}
        teach = [
            r
            for r in (rows_of(training.documents) if training else ())
            if r.group not in here and normal(r.row["sentence"]) not in sentences
        ]
        heads = {}
        for head, usual in (("stance", stance.STANCES), ("sentiment", stance.SENTIMENTS)):
            truth = [getattr(r, head) for r in rows]
            known = {t for t in truth if t}
            # The lexicon knows the project's stances alone.
            if not known or self.name == "baseline:lexicon" and (head == "sentiment" or not known <= set(usual)):
                continue
            taught = [r for r in teach if getattr(r, head)]
            learnt = {getattr(r, head) for r in taught}
            if taught and (known <= learnt or not self.crossed):
                # Several sets mostly leave the training data as it is, and it is then learnt once.
                key = (head, tuple((r.group, r.mention.start, r.mention.end) for r in taught))
                if key not in self._fits:
                    self._fits[key] = self._fitted(head, taught)
                guess: list[str | None] = list(self._fits[key].predict([r.row for r in rows]))
            elif len({r.group for r in rows}) > 1:
                guess = self._cross_fitted(head, rows)
            else:  # one article, with labels that the training data has not: nothing to learn them from
                continue
            given = known | {g for g in guess if g}
            heads[head] = head_of(usual if given <= set(usual) else sorted(given), truth, guess)
        return ScoredMentions(self.name, set_name, text_columns(rows), heads, slices_of(rows, training and training.seen))

    def _fitted(self, head: str, rows: Sequence[LabelledRow]) -> baselines.Baseline:
        return baselines.make(self.name).fit([r.row for r in rows], [getattr(r, head) for r in rows])

    def _cross_fitted(self, head: str, rows: Sequence[LabelledRow]) -> list[str | None]:
        guess: list[str | None] = [None] * len(rows)
        for fold in folds([r.group for r in rows], FOLDS):
            inside = set(fold)
            taught = [r for i, r in enumerate(rows) if i not in inside and getattr(r, head)]
            if taught:
                answers = self._fitted(head, taught).predict([rows[i].row for i in fold])
                for i, answer in zip(fold, answers, strict=True):
                    guess[i] = answer
        return guess


@dataclass
class Stored:
    """Predictions in a file, with their true labels: nothing is read again."""

    path: Path
    sets: list[ScoredMentions]

    @property
    def name(self) -> str:
        return self.sets[0].model


System = Model | Baseline | Stored


def open_system(name: str, threads: int = 0) -> System:
    """A model folder or hub name, ``default``, ``baseline:NAME``, or a file of stored predictions.

    Raises ``ValueError`` (a ``CheckpointError`` is one) in one line.
    """
    if name.startswith("baseline:"):
        baselines.make(name)
        return Baseline(name)
    path = Path(name)
    if path.is_file():
        return Stored(path, read_predictions(path))
    classifier = stance.load(name, threads)
    return Model(classifier, classifier.config.name)


def names_a_system(argument: str) -> bool:
    """Whether an argument of ``stance compare`` names a model, a baseline or stored predictions, and not labelled data."""
    path = Path(argument)
    if argument.startswith("baseline:") or argument == "default" or not path.exists():
        return True
    return (path / CONFIG).is_file() if path.is_dir() else holds_predictions(path)


def folds(groups: Sequence[str], count: int, seed: int = 0) -> list[list[int]]:
    """The rows of each fold: whole articles, dealt by lot, so that each fold gets about as many rows.

    Raises ``ValueError`` where there are fewer articles than folds.
    """
    names = list(dict.fromkeys(groups))
    if len(names) < 2:
        raise ValueError("cross-validation needs two articles or more")
    count = min(count, len(names))
    sizes = {name: 0 for name in names}
    for g in groups:
        sizes[g] += 1
    order = [names[i] for i in np.random.default_rng(seed).permutation(len(names))]
    filled, fold_of = [0] * count, {}
    for name in sorted(order, key=lambda n: -sizes[n]):  # the largest first, each to the emptiest fold; the lot decides ties
        fold = filled.index(min(filled))
        fold_of[name], filled[fold] = fold, filled[fold] + sizes[name]
    return [[i for i, g in enumerate(groups) if fold_of[g] == k] for k in range(count)]
