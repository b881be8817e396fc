"""What each labelled mention is like, so that scores can be told apart by it: its slices."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from stance.names import kind_of
from stance.training.evaluation.rows import LabelledRow
from stance.training.labelled.corpus import Document

NEGATION = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|neither|nor|without|cannot|hardly|barely|yet to)\b|n['’]t\b", re.IGNORECASE
)
LETTER = re.compile(r"\w")
WORD = re.compile(r"\w+(?:['’.-]\w+)*")
# Of a user's column with more values than this, numbers are cut in quarters, and only the most frequent words stand alone.
MOST_VALUES = 12
OTHERS = "(others)"


@dataclass(frozen=True)
class Seen:
    """The actors, cues and sentences of training data, in lower case. ``name`` says which data that is."""

    name: str
    actors: frozenset[str] = frozenset()
    cues: frozenset[str] = frozenset()
    sentences: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def of(cls, documents: Iterable[Document], name: str) -> Seen:
        actors, cues, sentences = set(), set(), set()
        for d in documents:
            for index, m in d.mentions():
                actors.add((m.actor or d.text[m.start : m.end]).lower())
                sentences.add(normal(d.text[slice(*d.sentences[index])]))
                if m.cue:
                    cues.add(d.text[slice(*m.cue)].lower())
        return cls(name, frozenset(actors), frozenset(cues), frozenset(sentences))


def normal(sentence: str) -> str:
    """A sentence by its words alone, for telling the same one again."""
    return " ".join(WORD.findall(sentence.lower().replace("’", "'")))


def slices_of(rows: Sequence[LabelledRow], seen: Seen | None = None) -> dict[str, list[str | None]]:
    """Name -> the value of each row (N); None where it says nothing of a row. The other columns of a user's table come last.

    Names that one row has and another has not, such as a corpus without subjects, are None there.
    """
    sentences: dict[tuple[str, int], set[str]] = {}
    for r in rows:
        sentences.setdefault((r.group, r.sentence), set()).add(r.row["actor"])
    columns: dict[str, list[str | None]] = {
        "subject": [r.document.subject or None for r in rows],
        "corpus": [r.document.source or None for r in rows],
        "mention": [kind_of_mention(r) for r in rows],
        "actors in the sentence": [_count(len(sentences[r.group, r.sentence])) for r in rows],
        "speaker and cue": [_side_of_cue(r) for r in rows],
        "place in the sentence": [_place(r) for r in rows],
        "negation in the sentence": ["yes" if NEGATION.search(r.row["sentence"]) else "no" for r in rows],
        "words in the sentence": [_length(len(WORD.findall(r.row["sentence"]))) for r in rows],
    }
    if seen is not None:
        columns["actor in training"] = ["seen" if r.row["actor"].lower() in seen.actors else "unseen" for r in rows]
        columns["cue in training"] = [None if r.cue is None else "seen" if r.cue.lower() in seen.cues else "unseen" for r in rows]
        columns["sentence in training"] = ["seen" if normal(r.row["sentence"]) in seen.sentences else "unseen" for r in rows]
    for name in dict.fromkeys(k for r in rows for k in r.mention.attributes):
        columns[name] = [_text(r.mention.attributes.get(name)) for r in rows]
    return {name: values for name, values in columns.items() if len({v for v in values if v is not None}) > 1}


def kind_of_mention(row: LabelledRow) -> str:
    """name (as the actor is called), short name (*Austin* for Lloyd Austin, *F.B.I.*), pronoun or description."""
    text = row.document.text[row.mention.start : row.mention.end]
    kind = kind_of(text)
    actor = re.sub(r"^the ", "", row.row["actor"].strip().lower())
    if kind == "name" and actor != re.sub(r"^the ", "", text.strip().lower()) and kind_of(row.row["actor"]) == "name":
        return "short name"
    return kind


def _count(n: int) -> str:
    return str(n) if n < 4 else "4 or more"


def _side_of_cue(row: LabelledRow) -> str | None:
    m = row.mention
    if m.cue is None:
        return "no cue" if m.cue_known else None
    return "before the cue" if m.end <= m.cue[0] else "after the cue" if m.cue[1] <= m.start else "holds the cue"


def _place(row: LabelledRow) -> str:
    sentence, start, end = (row.row[k] for k in ("sentence", "start", "end"))
    if not LETTER.search(re.sub(r"^\W*the\b", "", sentence[:start], flags=re.IGNORECASE)):
        return "start"
    return "middle" if LETTER.search(sentence[end:]) else "end"


def _length(words: int) -> str:
    return next((f"{n - 9} to {n}" for n in (10, 20, 30) if words <= n), "over 30")


def _text(value: object) -> str | None:
    return None if value is None or not str(value).strip() else str(value)


def grouped(values: Sequence[str | None]) -> list[str | None]:
    """A column as few enough values for a table: numbers in quarters, of many words the most frequent and ``(others)``."""
    counts = Counter(v for v in values if v is not None)
    if len(counts) <= MOST_VALUES:
        return list(values)
    try:
        numbers = np.array([np.nan if v is None else float(v) for v in values])
    except ValueError:
        kept = {v for v, _ in counts.most_common(MOST_VALUES - 1)}
        return [v if v is None or v in kept else OTHERS for v in values]
    edges = np.unique(np.nanpercentile(numbers, [0, 25, 50, 75, 100]))
    if len(edges) < 3:
        return list(values)
    names = [f"{a:g} to {b:g}" for a, b in zip(edges[:-1], edges[1:])]
    return [None if np.isnan(x) else names[int(np.searchsorted(edges[1:-1], x, side="left"))] for x in numbers]
