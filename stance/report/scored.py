"""Rows of scored output -> the articles that they came from, as far as the rows hold them.

A row holds its sentence, so sentences without a mention are missing, and of a cue only its words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from itertools import groupby

from stance.names import kind_of
from stance.records import Article, Mention, Prediction, Sentence, summarize
from stance.tables import FORMULA

NEEDED = ("sentence", "actor", "stance")
PROBABILITY = "p_"
LONGEST_GAP = 2**20  # characters without an actor, between two sentences; more is no article


def is_scored(row: Mapping[str, object]) -> bool:
    """Whether a row is one of scored output."""
    return all(name in row for name in NEEDED)


def articles_from_predictions(predictions: Iterable[Prediction]) -> list[Article]:
    """Predictions -> articles, in order. Sentences keep their ids; of two rows for one mention the first counts."""
    by_article: dict[str, list[Prediction]] = {}
    for p in predictions:
        by_article.setdefault(p.article_id, []).append(p)
    return [_article(name, together) for name, together in by_article.items()]


def prediction_from_row(row: Mapping[str, object]) -> Prediction:
    """The inverse of ``Prediction.row``, of values that may be strings too, as CSV gives them.

    Offsets of the cue are those of its words nearest to the mention. Raises ``ValueError`` that names the column of a number
    that is none.
    """
    text = _from_csv if isinstance(row.get("stance_score"), str) else _text
    sentence, mention = text(row.get("sentence")), text(row.get("mention"))
    start = int(_number(row, "sentence_start") or 0)
    p = Prediction(
        sentence,
        text(row.get("actor")),
        mention or None,
        *_place(sentence, mention, _number(row, "mention_start"), start),
        stance=_text(row.get("stance")) or None,
        stance_score=_number(row, "stance_score"),
        sentiment=_text(row.get("sentiment")) or None,
        sentiment_score=_number(row, "sentiment_score"),
        cue=text(row.get("cue")),
        article_id=text(row.get("article_id")),
        sentence_id=int(_number(row, "sentence_id") or 0),
        sentence_start=start,
        sentence_end=start + len(sentence),
        model=_text(row.get("model")),
    )
    p.stance_probabilities = {
        name.removeprefix(PROBABILITY): value for name in _labels(row) if (value := _number(row, name)) is not None
    }
    if p.cue:
        near = (p.mention_start or start) - start
        found = [m.start() for m in re.finditer(re.escape(p.cue), sentence)]
        if found:
            p.cue_start = start + min(found, key=lambda at: abs(at - near))
            p.cue_end = p.cue_start + len(p.cue)
    return p


def _article(name: str, predictions: list[Prediction]) -> Article:
    article = Article(name, "", model=", ".join(dict.fromkeys(p.model for p in predictions if p.model)))
    _place_sentences(predictions)
    predictions = sorted(predictions, key=lambda p: (p.sentence_id, p.mention_start or 0))
    taken: set[tuple[object, ...]] = set()
    for p in predictions:
        key = (p.sentence_id, p.mention_start, p.mention_end, p.actor)
        if key not in taken:
            taken.add(key)
            article.predictions.append(p)
    text: list[str] = []
    length = 0
    for number, together in groupby(article.predictions, key=lambda p: p.sentence_id):
        first = next(together)
        gap = max(0, first.sentence_start - length)
        text += [("\n" if gap > 1 else " ") * gap, first.sentence]
        length += gap + len(first.sentence)
        article.sentences.append(Sentence(number, first.sentence_start, first.sentence_end, first.sentence))
    article.text = "".join(text)
    by_actor: dict[str, tuple[list[Mention], list[Prediction]]] = {}
    for p in article.predictions:
        mentions, of_actor = by_actor.setdefault(p.actor, ([], []))
        of_actor.append(p)
        if p.mention_start is not None and p.mention_end is not None:
            kind = kind_of(p.mention or "")
            mentions.append(Mention(p.mention_start, p.mention_end, p.mention or "", p.sentence_id, kind, p.actor))
            article.mentions.append(mentions[-1])
    article.actors = [summarize(name, *found) for name, found in by_actor.items()]
    return article


def _place_sentences(predictions: list[Prediction]) -> None:
    """Sentences that share an id or overlap, as those of given (sentence, actor) pairs do, are set one after another."""
    order = list(dict.fromkeys((p.sentence_id, p.sentence_start, p.sentence) for p in predictions))
    own_ids = len({i for i, _, _ in order}) == len(order)
    order = sorted(order) if own_ids else order
    places, at, end, apart = {}, 0, 0, own_ids
    for number, key in enumerate(order):
        apart = apart and (not number or 0 <= key[1] - end <= LONGEST_GAP)
        end = key[1] + len(key[2])
        places[key] = (key[0] if own_ids else number, at)
        at += len(key[2]) + 2  # a paragraph each
    if not apart or (order and not 0 <= order[0][1] <= LONGEST_GAP):
        for p in predictions:
            _move(p, *places[p.sentence_id, p.sentence_start, p.sentence])


def _move(p: Prediction, number: int, start: int) -> None:
    by = start - p.sentence_start
    for name in ("mention_start", "mention_end", "cue_start", "cue_end", "sentence_start", "sentence_end"):
        value = getattr(p, name)
        setattr(p, name, None if value is None else value + by)
    p.sentence_id = number


def _place(sentence: str, mention: str, start: float | None, offset: int) -> tuple[int | None, int | None]:
    """The mention's characters: where the row says, else where its words first are, else nowhere."""
    if not mention:
        return None, None
    at = -1 if start is None else int(start) - offset
    if at < 0 or sentence[at : at + len(mention)] != mention:
        at = sentence.find(mention)
    return (None, None) if at < 0 else (offset + at, offset + at + len(mention))


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _from_csv(value: object) -> str:
    """A cell as text, without the apostrophe that ``stance.tables`` sets before what a spreadsheet would run."""
    text = _text(value)
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA) else text


def _number(row: Mapping[str, object], name: str) -> float | None:
    value = row.get(name)
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.inf
    if math.isinf(number):
        raise ValueError(f"{name} is {str(value)[:40]!r}, not a number") from None
    return None if math.isnan(number) else number


def _labels(row: Mapping[str, object]) -> list[str]:
    """The columns of probabilities: not those that a user carried along and that begin alike."""
    names = list(row)
    between = (
        names[names.index("stance_score") + 1 : names.index("sentiment")] if {"stance_score", "sentiment"} <= row.keys() else ()
    )
    return [name for name in between if name.startswith(PROBABILITY)] or [name for name in names if name.startswith(PROBABILITY)]
