"""What a model must beat: the majority class, the nearest cue of a lexicon, TF-IDF with logistic regression.

Each predicts labels for mentions, as a model does: ``predict(rows)`` with ``sentence``, ``start``, ``end``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from stance.training.corpora.lexicon import nearest_cue

NAMES = ("baseline:majority", "baseline:lexicon", "baseline:tfidf")


class Baseline(Protocol):
    def fit(self, rows: Sequence[Mapping], labels: Sequence[str]) -> Baseline: ...
    def predict(self, rows: Sequence[Mapping]) -> list[str]: ...


class Majority:
    """The most frequent label of the training data, for every mention."""

    def fit(self, rows: Sequence[Mapping], labels: Sequence[str]) -> Majority:
        self.label = Counter(labels).most_common(1)[0][0]
        return self

    def predict(self, rows: Sequence[Mapping]) -> list[str]:
        return [self.label] * len(rows)


class Lexicon:
    """The stance of the cue nearest to the mention; unknown where the sentence has none. It learns nothing."""

    def fit(self, rows: Sequence[Mapping], labels: Sequence[str]) -> Lexicon:
        return self

    def predict(self, rows: Sequence[Mapping]) -> list[str]:
        cues = (nearest_cue(r["sentence"], r["start"], r["end"]) for r in rows)
        return [cue[2] if cue else "unknown" for cue in cues]


class TfIdf:
    """Logistic regression on words, pairs of words, and which side of the mention they stand on."""

    def fit(self, rows: Sequence[Mapping], labels: Sequence[str]) -> TfIdf:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        self.pipeline = make_pipeline(
            TfidfVectorizer(analyzer=_features, min_df=2, sublinear_tf=True),
            LogisticRegression(C=10.0, class_weight="balanced", max_iter=2000),
        )
        self.pipeline.fit(rows, labels)
        return self

    def predict(self, rows: Sequence[Mapping]) -> list[str]:
        return self.pipeline.predict(rows).tolist()

    def probabilities(self, rows: Sequence[Mapping], labels: Sequence[str]) -> np.ndarray:
        """(rows, labels); 0 for a label that was not in the training data."""
        columns = dict(zip(self.pipeline.classes_, self.pipeline.predict_proba(rows).T, strict=True))
        return np.stack([columns.get(label, np.zeros(len(rows))) for label in labels], axis=1)


def _features(row: Mapping) -> list[str]:
    left = re.findall(r"\w+", row["sentence"][: row["start"]].lower())
    right = re.findall(r"\w+", row["sentence"][row["end"] :].lower())
    words = left + ["TARGET"] + right
    pairs = [f"{a} {b}" for a, b in zip(words, words[1:], strict=False)]
    near = [f"L:{w}" for w in left[-5:]] + [f"R:{w}" for w in right[:5]]
    return words + pairs + near


def make(name: str) -> Baseline:
    """A baseline by name. Raises ``ValueError`` that lists the names."""
    classes = dict(zip(NAMES, (Majority, Lexicon, TfIdf), strict=True))
    if name not in classes:
        raise ValueError(f"no {name!r}; the baselines are {', '.join(NAMES)}")
    return classes[name]()
