"""What flows: an article with its sentences, the mentions of its actors, and one prediction per (sentence, mention).

Every offset is in characters of the article's text, end excluded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from stance.labels import STANCES

# The columns of a row of output, in order; p_LABEL stands for one column a stance label.
COLUMNS = (
    "article_id",
    "sentence_id",
    "sentence_start",
    "sentence_end",
    "sentence",
    "actor",
    "mention",
    "mention_start",
    "mention_end",
    "stance",
    "stance_score",
    "p_LABEL",
    "sentiment",
    "sentiment_score",
    "cue",
    "model",
)


@dataclass(frozen=True, slots=True)
class Sentence:
    id: int
    start: int
    end: int
    text: str


@dataclass(slots=True)
class Mention:
    """Words of a sentence that stand for an actor. ``kind``: name, description or pronoun.

    ``labelled`` is False for a pronoun that holds no position of its own (*his* in *his wife*): it is linked to its actor,
    and has no prediction.
    """

    start: int
    end: int
    text: str
    sentence_id: int
    kind: str
    actor: str = ""
    labelled: bool = True


@dataclass(slots=True)
class Prediction:
    """One row of output: a mention in its sentence.

    ``stance`` and ``sentiment`` are None where the actor was not found in the sentence (``found`` is False), where the model
    has no such head, and where the probability of the best label (``stance_score``, ``sentiment_score``) is under the
    ``min_confidence`` that was asked for. ``stance_probabilities`` and ``sentiment_probabilities`` map every label to its
    probability. ``cue`` is the words that carry the position, "" if the model points at none.
    """

    sentence: str
    actor: str
    mention: str | None = None
    mention_start: int | None = None
    mention_end: int | None = None
    stance: str | None = None
    stance_score: float | None = None
    sentiment: str | None = None
    sentiment_score: float | None = None
    cue: str = ""
    cue_start: int | None = None
    cue_end: int | None = None
    stance_probabilities: Mapping[str, float] = field(default_factory=dict)
    sentiment_probabilities: Mapping[str, float] = field(default_factory=dict)
    article_id: str = ""
    sentence_id: int = 0
    sentence_start: int = 0
    sentence_end: int = 0
    model: str = ""
    found: bool = True
    reason: str = ""
    stance_labels: tuple[str, ...] = STANCES  # of the model: every row of it has their columns, found or not

    def row(self) -> dict[str, object]:
        """The prediction as a flat row, with the columns of ``COLUMNS``."""
        row: dict[str, object] = {}
        for name in COLUMNS:
            if name == "p_LABEL":
                row |= {f"p_{label}": _rounded(self.stance_probabilities.get(label)) for label in self.stance_labels}
            else:
                value = getattr(self, name)
                row[name] = _rounded(value) if isinstance(value, float) else value
        return row


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 6)


@dataclass(slots=True)
class Actor:
    """An actor of an article and where it stands over all of it.

    ``stance`` is the position that most of its sentences give, counted without *unknown* (of other label sets *none*, *neutral*,
    *neither*, *unrelated*) where there is any other; at a tie the codebook's order decides (denying, warning, confirming), then
    the alphabet. ``stances`` and ``sentiments`` count sentences.
    ``quote`` is the cue of the most certain sentence with that stance.
    """

    name: str
    mentions: list[Mention] = field(default_factory=list)
    stance: str | None = None
    sentiment: str | None = None
    stances: Counter[str] = field(default_factory=Counter)
    sentiments: Counter[str] = field(default_factory=Counter)
    quote: str = ""


@dataclass(slots=True)
class Article:
    """A text read by a model."""

    id: str
    text: str
    sentences: list[Sentence] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    actors: list[Actor] = field(default_factory=list)
    predictions: list[Prediction] = field(default_factory=list)
    model: str = ""

    def rows(self) -> Iterator[dict[str, object]]:
        for prediction in self.predictions:
            yield prediction.row()

    def to_dict(self) -> dict[str, object]:
        """The article as plain data, for JSON."""
        return {
            "article_id": self.id,
            "model": self.model,
            "text": self.text,
            "actors": [
                {
                    "actor": a.name,
                    "stance": a.stance,
                    "sentiment": a.sentiment,
                    "stances": dict(a.stances),
                    "sentiments": dict(a.sentiments),
                    "mentions": len(a.mentions),
                    "cue": a.quote,
                }
                for a in self.actors
            ],
            "predictions": list(self.rows()),
        }

    def to_pandas(self):
        """A ``pandas.DataFrame``, a row a prediction (``stance.to_pandas``)."""
        from stance.frames import to_pandas

        return to_pandas(self.predictions)

    def to_polars(self):
        """A ``polars.DataFrame``, a row a prediction (``stance.to_polars``)."""
        from stance.frames import to_polars

        return to_polars(self.predictions)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from stance.report.notebook import article_html

        return article_html(self)


POSITIONS = ("denying", "warning", "confirming")
NO_POSITION = frozenset(("unknown", "none", "neutral", "neither", "unrelated"))


def summarize(name: str, mentions: list[Mention], predictions: list[Prediction]) -> Actor:
    """An actor's positions over the sentences of an article."""
    actor = Actor(name, mentions)
    per_sentence = {p.sentence_id: p for p in predictions}  # rule 12: an actor has one position in a sentence
    for p in per_sentence.values():
        if p.stance:
            actor.stances[p.stance] += 1
        if p.sentiment:
            actor.sentiments[p.sentiment] += 1
    actor.stance = _leading(actor.stances, POSITIONS)
    actor.sentiment = _leading(actor.sentiments, ("negative", "positive"))
    with_it = [p for p in predictions if p.stance == actor.stance and p.cue]
    if with_it:
        actor.quote = max(with_it, key=lambda p: p.stance_score or 0).cue
    return actor


def _leading(counts: Counter[str], order: tuple[str, ...]) -> str | None:
    taken = {label: n for label, n in counts.items() if label.lower() not in NO_POSITION} or dict(counts)
    if not taken:
        return None
    rank = {label: i for i, label in enumerate(order)}
    return min(taken, key=lambda label: (-taken[label], rank.get(label, len(order)), label))
