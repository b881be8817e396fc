"""The rows that a model has wrong, the surest first."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stance.tables import FORMULA
from stance.training.evaluation.scored import ScoredMentions


@dataclass(frozen=True)
class Error:
    """A wrong label, and where it is. ``confidence``: the probability of the guess, None if the model gives none."""

    set: str
    head: str
    confidence: float | None
    truth: str
    guess: str
    article_id: str
    actor: str
    mention: str
    start: int | None
    sentence: str
    cue: str


def ranked_errors(scored: ScoredMentions, head: str) -> list[Error]:
    """The most wrong first; ``start``: where the mention begins in its sentence."""
    h, text = scored.heads[head], scored.text
    sure = np.zeros(len(scored)) if h.confidence is None else np.nan_to_num(h.confidence)
    wrong = np.flatnonzero(h.known & (h.truth != h.guess))
    found = []
    for i in wrong[np.argsort(-sure[wrong], kind="stable")]:
        start, begin = text["mention_start"][i], text["sentence_start"][i]
        found.append(
            Error(
                scored.name,
                head,
                None if h.confidence is None or np.isnan(h.confidence[i]) else float(h.confidence[i]),
                h.labels[h.truth[i]],
                h.labels[h.guess[i]],
                str(text["article_id"][i] or ""),
                text["actor"][i] or "",
                text["mention"][i] or text["actor"][i] or "",
                None if start is None else start - (begin or 0),
                text["sentence"][i],
                text["cue"][i] or "",
            )
        )
    return found


def write_errors(found: Sequence[Error], path: Path) -> None:
    """A CSV table. Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(Error.__dataclass_fields__)
        for e in found:
            out.writerow("'" + v if isinstance(v, str) and v.startswith(FORMULA) else v for v in vars(e).values())
