"""Labelled documents -> the rows that a classifier or a baseline answers, as a user's table would hold them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stance.training.labelled.corpus import Document, LabelledMention


@dataclass
class LabelledRow:
    """A labelled mention as a row of ``predict_many``. ``group``: its article, over which intervals are drawn."""

    row: dict
    group: str
    stance: str | None
    sentiment: str | None
    document: Document
    sentence: int
    mention: LabelledMention

    @property
    def cue(self) -> str | None:
        """The labelled cue words."""
        return self.document.text[slice(*self.mention.cue)] if self.mention.cue else None


def rows_of(documents: Iterable[Document]) -> list[LabelledRow]:
    """Every labelled mention with its sentence and the text around it."""
    rows = []
    for d in documents:
        for index, m in d.mentions():
            a, b = d.sentences[index]
            near = d.sentences[max(index - 4, 0)][0]
            far = d.sentences[min(index + 3, len(d.sentences) - 1)][1]
            row = {
                "sentence": d.text[a:b],
                "actor": m.actor or d.text[m.start : m.end],
                "start": m.start - a,
                "end": m.end - a,
                "before": d.text[near:a],
                "after": d.text[b:far],
            }
            rows.append(LabelledRow(row, f"{d.source}/{d.id}", m.stance, m.sentiment, d, index, m))
    return rows


def text_columns(rows: Iterable[LabelledRow]) -> dict[str, list]:
    """The rows as ``ScoredMentions.text``. Offsets are characters of the article; ``cue`` is the labelled one."""
    rows = list(rows)
    return {
        "article_id": [r.document.id for r in rows],
        "source": [r.document.source for r in rows],
        "sentence_id": [r.sentence for r in rows],
        "sentence_start": [r.document.sentences[r.sentence][0] for r in rows],
        "sentence_end": [r.document.sentences[r.sentence][1] for r in rows],
        "sentence": [r.row["sentence"] for r in rows],
        "actor": [r.row["actor"] for r in rows],
        "mention": [r.document.text[r.mention.start : r.mention.end] for r in rows],
        "mention_start": [r.mention.start for r in rows],
        "mention_end": [r.mention.end for r in rows],
        "cue": [r.cue for r in rows],
    }
