"""Articles -> what a report's scripts read: plain lists, compact, since a corpus has tens of thousands of sentences.

    labels, sentiments   the label sets, in order, with their signs
    actors               names, most sentences first; the same name in two articles is one actor
    articles             [id, date or null, [sentence, ...], [[actor, stance, sentiment] over the article, ...]]
    sentence             [text, number, begins a paragraph, sentences left out before it, [mention, ...]]
    mention              [start, end, actor, stance, probabilities, sentiment, probabilities, cue start, cue end]

``start`` and ``end`` count UTF-16 units of the sentence, as JavaScript does. ``stance``, ``sentiment`` are indices, -1 for none,
and -2 for a pronoun that is linked and holds no position of its own. Probabilities are in thousandths: one a label, or only the
best one's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from stance.names import kind_of
from stance.palette import label_sets, palette
from stance.records import Article, Mention, Prediction
from stance.terminal import CONTROL

NONE, LINKED = -1, -2
# Label sets in which one actor's yes is another's no.
OPPOSED = (
    ("confirming", "denying"),
    ("support", "deny"),
    ("negative", "positive"),
    ("favor", "against"),
    ("favour", "against"),
    ("agree", "disagree"),
)
NAMELESS = "(no name)"
NO_POSITION = ("unknown", "none", "neutral", "neither", "unrelated")


def content(
    articles: Sequence[Article],
    dates: Mapping[str, str],
    low: float,
    stances: Iterable[str],
    sentiments: Iterable[str],
    primary: str = "stance",
) -> dict[str, object]:
    """The data of a page. ``dates``: article id -> YYYY, YYYY-MM or YYYY-MM-DD. ``low``: labels under it are shown as unsure.
    ``primary``: what the first labels are, the name of their column in what the page exports.
    """
    stance_looks, sentiment_looks = palette(stances), palette(sentiments)
    stance_index = {label: i for i, label in enumerate(stance_looks)}
    sentiment_index = {label: i for i, label in enumerate(sentiment_looks)}
    names = actor_names(articles)
    position = {name: i for i, name in enumerate(dict.fromkeys(names.values()))}
    number = {raw: position[name] for raw, name in names.items()}
    return {
        "labels": [[visible(label), visible(look.sign)] for label, look in stance_looks.items()],
        "sentiments": [[visible(label), visible(look.sign)] for label, look in sentiment_looks.items()],
        "none": [i for label, i in stance_index.items() if label.lower() in NO_POSITION],
        "plain": [i for label, i in sentiment_index.items() if label.lower() in NO_POSITION],
        "opposed": next(
            ([stance_index[a], stance_index[b]] for a, b in OPPOSED if a in stance_index and b in stance_index), None
        ),
        "low": round(1000 * low),
        "primary": primary,
        "actors": [[visible(name) or NAMELESS, int(kind_of(name) == "name")] for name in position],
        "articles": [_article(article, dates.get(article.id), number, stance_index, sentiment_index) for article in articles],
    }


def portrayals_as_stances(articles: Iterable[Article]) -> list[Article]:
    """Of a model that has no stances: its sentiments in their place, so that pages and plots show them."""
    articles = list(articles)
    if label_sets(articles)[0]:
        return articles
    return [
        replace(
            article,
            predictions=[
                replace(
                    p,
                    stance=p.sentiment,
                    stance_score=p.sentiment_score,
                    stance_probabilities=p.sentiment_probabilities,
                    sentiment=None,
                    sentiment_score=None,
                    sentiment_probabilities={},
                )
                for p in article.predictions
            ],
            actors=[
                replace(actor, stance=actor.sentiment, stances=actor.sentiments, sentiment=None, sentiments=Counter())
                for actor in article.actors
            ],
        )
        for article in articles
    ]


def actor_names(articles: Iterable[Article]) -> dict[str, str]:
    """An actor's name -> the name that it has in all articles: the most frequent of those that differ in case or article only."""
    counts = Counter(p.actor for article in articles for p in article.predictions)
    for article in articles:
        counts.update(dict.fromkeys((m.actor for m in article.mentions), 0))
    by_key: dict[str, list[str]] = {}
    for name, _ in counts.most_common():
        by_key.setdefault(actor_key(name), []).append(name)
    chosen = sorted(by_key.values(), key=lambda same: -sum(counts[name] for name in same))
    return {name: same[0] for same in chosen for name in same}


def visible(text: str) -> str:
    """Text in which control and bidirectional characters are shown as �. Its length stays."""
    return CONTROL.sub(lambda found: " " if found[0] in "\t\n\r\x0b\x0c\x85" else "\ufffd", text)


def actor_key(name: str) -> str:
    """What an actor is matched by between articles: its name without case and article."""
    words = name.casefold().split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in ("the", "a", "an") else words)


def _article(
    article: Article, date: str | None, actors: Mapping[str, int], stances: Mapping[str, int], sentiments: Mapping[str, int]
) -> list[object]:
    overall: dict[int, list[int]] = {}
    for a in article.actors:  # the most telling first
        found = [actors[a.name], stances.get(a.stance or "", NONE), sentiments.get(a.sentiment or "", NONE)]
        overall.setdefault(found[0], found)
    return [visible(article.id), date, _sentences(article, actors, stances, sentiments), list(overall.values())]


def _sentences(
    article: Article, actors: Mapping[str, int], stances: Mapping[str, int], sentiments: Mapping[str, int]
) -> list[list[object]]:
    by_sentence: dict[int, list[Prediction]] = {}
    for p in article.predictions:
        by_sentence.setdefault(p.sentence_id, []).append(p)
    linked: dict[int, list[Mention]] = {}
    for m in article.mentions:
        if not m.labelled:
            linked.setdefault(m.sentence_id, []).append(m)
    rows: list[list[object]] = []
    end, last = 0, -1
    for s in article.sentences:
        units = _Units(s.text, s.start)
        mentions = [_mention(p, units, actors[p.actor], stances, sentiments) for p in by_sentence.get(s.id, ())]
        mentions += [[*units.span(m.start, m.end), actors[m.actor], LINKED, [], NONE, [], -1, -1] for m in linked.get(s.id, ())]
        mentions.sort(key=lambda m: (m[0], -m[1]))
        begins = int("\n" in article.text[end : s.start])
        rows.append([visible(s.text), s.id + 1, begins, s.id - last - 1, mentions])
        end, last = s.end, s.id
    return rows


def _mention(p: Prediction, units: _Units, actor: int, stances: Mapping[str, int], sentiments: Mapping[str, int]) -> list[object]:
    return [
        *units.span(p.mention_start, p.mention_end),
        actor,
        stances.get(p.stance or "", NONE),
        _thousandths(p.stance_probabilities, stances, p.stance_score),
        sentiments.get(p.sentiment or "", NONE),
        _thousandths(p.sentiment_probabilities, sentiments, p.sentiment_score),
        *units.span(p.cue_start, p.cue_end),
    ]


def _thousandths(probabilities: Mapping[str, float], labels: Mapping[str, int], best: float | None) -> list[int]:
    if not probabilities:
        return [] if best is None else [round(1000 * best)]
    return [round(1000 * probabilities.get(label, 0.0)) for label in labels]


class _Units:
    """Characters of the article -> UTF-16 units of one of its sentences."""

    def __init__(self, text: str, start: int):
        self.text, self.start = text, start
        self.wide = any(c > "\uffff" for c in text)

    def span(self, start: int | None, end: int | None) -> tuple[int, int]:
        """(-1, -1) for what is nowhere in the sentence."""
        if start is None or end is None or not 0 <= start - self.start < end - self.start <= len(self.text):
            return -1, -1
        return self._units(start - self.start), self._units(end - self.start)

    def _units(self, at: int) -> int:
        return at + sum(c > "\uffff" for c in self.text[:at]) if self.wide else at
