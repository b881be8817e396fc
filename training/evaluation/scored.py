"""Labelled mentions with what a model says of them: the table that every score is made from, in memory and on disk.

``predictions.parquet`` holds it: the columns of ``stance.records.COLUMNS``, and beside them ``set``, ``true_stance``,
``true_sentiment``, ``p_sentiment_LABEL`` and a column ``by_NAME`` for each thing that the scores are sliced by. A table of
your own needs ``true_stance`` and ``stance`` (or the two of sentiment) alone; without ``article_id`` each row is an article.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from stance.labels import HEADS
from stance.readers import Reject, read_rows

# Stands for a prediction where a model gave none: a wrong answer, and no label's false alarm.
NONE = "(none)"
# What one row holds besides its labels and its slices.
TEXT_COLUMNS = (
    "article_id",
    "source",
    "sentence_id",
    "sentence_start",
    "sentence_end",
    "sentence",
    "actor",
    "mention",
    "mention_start",
    "mention_end",
    "cue",
)
WHOLE = ("sentence_id", "sentence_start", "sentence_end", "mention_start", "mention_end")


@dataclass(frozen=True)
class ScoredHead:
    """One head's labels of N rows. ``truth`` and ``guess`` are indices into ``labels`` (K).

    ``truth`` is -1 where a row has no label. ``probabilities`` (N, K) and ``confidence`` (N), the probability of the guess, are
    None where the model gives none; a row without them is NaN.
    """

    labels: tuple[str, ...]
    truth: np.ndarray
    guess: np.ndarray
    probabilities: np.ndarray | None = None
    confidence: np.ndarray | None = None

    @property
    def known(self) -> np.ndarray:
        """Which rows (N) have a label."""
        return self.truth >= 0

    def take(self, rows: np.ndarray) -> ScoredHead:
        part = (None if x is None else x[rows] for x in (self.probabilities, self.confidence))
        return ScoredHead(self.labels, self.truth[rows], self.guess[rows], *part)


@dataclass(frozen=True)
class ScoredMentions:
    """A model's predictions on one set, row by row.

    ``text``: the columns of ``TEXT_COLUMNS``, N values each. ``slices``: name -> N values, None where it says nothing of a row.
    """

    model: str
    name: str
    text: Mapping[str, Sequence[object]]
    heads: Mapping[str, ScoredHead]
    slices: Mapping[str, Sequence[str | None]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.text["sentence"])

    @property
    def articles(self) -> list[str]:
        """The article of each row, over which intervals are drawn."""
        return [f"{s or ''}/{a}" for s, a in zip(self.text["source"], self.text["article_id"], strict=True)]

    @property
    def keys(self) -> list[tuple]:
        """What each row is of: the article, the sentence, the mention, and where in the sentence it stands."""
        columns = (self.text[c] for c in ("article_id", "sentence", "mention", "actor", "mention_start", "sentence_start"))
        return [
            (str(article), sentence, mention or actor, None if start is None else start - (begin or 0))
            for article, sentence, mention, actor, start, begin in zip(*columns, strict=True)
        ]

    def take(self, rows: Sequence[int]) -> ScoredMentions:
        """Some of the rows, in the given order."""
        at = np.asarray(rows, int)
        return replace(
            self,
            text={k: [v[i] for i in at] for k, v in self.text.items()},
            heads={k: h.take(at) for k, h in self.heads.items()},
            slices={k: [v[i] for i in at] for k, v in self.slices.items()},
        )


def head_of(
    labels: Sequence[str],
    truth: Sequence[str | None],
    guess: Sequence[str | None],
    probabilities: Sequence[Mapping[str, float]] | None = None,
    confidence: Sequence[float | None] | None = None,
) -> ScoredHead:
    """A head's columns from labels by name. Labels that a model lacks are added: its rows with them are wrong, not left out."""
    extra = sorted({t for t in truth if t is not None} | {g for g in guess if g is not None} - {NONE} - set(labels))
    names = [*labels, *(x for x in extra if x not in labels)]
    if any(g is None or g == NONE for t, g in zip(truth, guess, strict=True) if t is not None):
        names.append(NONE)
    at = {name: i for i, name in enumerate(names)} | {None: -1}
    table = sure = None
    if probabilities is not None and any(probabilities):
        table = np.full((len(truth), len(names)), np.nan)
        for row, p in zip(table, probabilities, strict=True):
            if p:
                row[:] = [p.get(name) or 0.0 for name in names]
        sure = table.max(1)
    if confidence is not None and any(c is not None for c in confidence):
        sure = np.array([np.nan if c is None else c for c in confidence], float)
    guesses = np.array([at[g] if g is not None else at.get(NONE, -1) for g in guess], int)
    return ScoredHead(tuple(names), np.array([at[t] for t in truth], int), guesses, table, sure)


# --- on disk --------------------------------------------------------------------------------------------------------


def to_columns(scored: ScoredMentions) -> dict[str, list]:
    """The table of ``predictions.parquet``: column -> N values."""
    columns: dict[str, list] = {"set": [scored.name] * len(scored), **{k: list(v) for k, v in scored.text.items()}}
    for head, h in scored.heads.items():
        columns[f"true_{head}"] = [h.labels[t] if t >= 0 else None for t in h.truth]
        columns[head] = [h.labels[g] if g >= 0 and h.labels[g] != NONE else None for g in h.guess]
        if h.confidence is not None:
            columns[f"{head}_score"] = [None if np.isnan(c) else round(float(c), 6) for c in h.confidence]
        if h.probabilities is not None:
            for i, label in enumerate(h.labels):
                if label != NONE:
                    values = h.probabilities[:, i]
                    columns[f"{_prefix(head)}{label}"] = [None if np.isnan(p) else round(float(p), 6) for p in values]
    columns["model"] = [scored.model] * len(scored)
    return columns | {f"by_{name}": list(values) for name, values in scored.slices.items()}


def write_predictions(sets: Iterable[ScoredMentions], path: Path) -> None:
    """One Parquet file of all sets, in their order."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    tables = [pa.table(to_columns(s)) for s in sets]
    pq.write_table(pa.concat_tables(tables, promote_options="permissive"), path)


def read_predictions(path: Path) -> list[ScoredMentions]:
    """Stored predictions, a table for each ``set`` (and model) in the file.

    Raises ``ValueError`` that names the file and what it lacks.
    """
    columns = _read_columns(path)
    if not any(f"true_{h}" in columns and h in columns for h in HEADS):
        raise ValueError(
            f"{path}: no predictions beside their true labels; it needs the columns true_stance and stance, or true_sentiment "
            "and sentiment"
        )
    size = len(next(iter(columns.values())))
    if not size:
        raise ValueError(f"{path}: no rows in it")
    sets = [str(x or path.name) for x in columns.get("set", [path.name] * size)]
    models = [str(x or path.name) for x in columns.get("model", [path.name] * size)]
    found = []
    for model, name in dict.fromkeys(zip(models, sets, strict=True)):
        rows = [i for i in range(size) if sets[i] == name and models[i] == model]
        try:
            found.append(_from_columns(model, name, {k: [v[i] for i in rows] for k, v in columns.items()}))
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
    return found


def holds_predictions(path: Path) -> bool:
    """Whether a file is a table of predictions beside their true labels."""
    if not path.is_file() or path.suffix == ".txt":
        return False
    try:
        first = next(_rows(path), {})
    except ValueError:
        return False
    return any(f"true_{h}" in first and h in first for h in HEADS)


def _from_columns(model: str, name: str, columns: Mapping[str, list]) -> ScoredMentions:
    size = len(next(iter(columns.values())))
    text = {c: [_whole(x) if c in WHOLE else _label(x) for x in columns.get(c, [None] * size)] for c in TEXT_COLUMNS}
    if "article_id" not in columns:
        text["article_id"] = [f"row {i + 1}" for i in range(size)]
    text["sentence"] = [x or "" for x in text["sentence"]]
    heads = {}
    for head in HEADS:
        if f"true_{head}" not in columns or head not in columns:
            continue
        truth, guess = ([_label(x) for x in columns[c]] for c in (f"true_{head}", head))
        labels = [c[len(_prefix(head)) :] for c in columns if _is_probability(c, head)]
        table = None
        if labels:
            values = [[_number(x) for x in columns[_prefix(head) + label]] for label in labels]
            table = [dict(zip(labels, row)) if None not in row else {} for row in zip(*values, strict=True)]
        scores = [_number(x) for x in columns[f"{head}_score"]] if f"{head}_score" in columns else None
        if any(t is not None for t in truth):
            heads[head] = head_of(labels, truth, guess, table, scores)
    slices = {c[3:]: [_label(x) for x in v] for c, v in columns.items() if c.startswith("by_")}
    return ScoredMentions(model, name, text, heads, slices)


def _prefix(head: str) -> str:
    return "p_" if head == "stance" else f"p_{head}_"


def _is_probability(column: str, head: str) -> bool:
    if head == "stance":
        return column.startswith("p_") and not column.startswith("p_sentiment_")
    return column.startswith(_prefix(head))


def _label(value: object) -> str | None:
    text = "" if value is None else str(value)
    return text or None


def _whole(value: object) -> int | None:
    """Offsets and ids from tables of text, or of floats with gaps, are numbers again."""
    number = _number(value)
    return None if number is None or np.isnan(number) else int(number)


def _number(value: object) -> float | None:
    try:
        return None if value in (None, "") else float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} stands where a number has to be") from None


def _rows(path: Path) -> Iterator[dict[str, object]]:
    for row in read_rows([path]):
        if isinstance(row, Reject):
            raise ValueError(f"{row.file}, row {row.number}: {row.reason}")
        yield row.values


def _read_columns(path: Path) -> dict[str, list]:
    rows = list(_rows(path))
    names = dict.fromkeys(name for row in rows for name in row)  # JSON Lines may leave a column out of a row
    return {name: [row.get(name) for row in rows] for name in names}
