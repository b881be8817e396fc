"""A text on its way through the model: what was given, its windows, the mentions in it and what the model says of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from stance.encoding import SentenceEncoder, Span, Window, WindowSentence
from stance.mentions import personal_pronouns
from stance.names import kind_of
from stance.records import Mention
from stance.sentences import in_context, split_sentences

# A longer text is read in pieces, each with its own actors: linking looks at every pair of mentions.
MOST_SENTENCES = 1000


@dataclass
class Reading:
    """``target``: the sentence that a caller gave, if one; its neighbours are then context alone.

    ``first``: how many sentences of the text came before, in other readings.
    """

    text: str
    sentences: list[Span]
    target: int = -1
    first: int = 0
    windows: list[Window] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    of_sentence: dict[int, list[int]] = field(default_factory=dict)  # sentence -> its mentions
    given: dict[int, list[int]] = field(default_factory=dict)  # mention -> rows of the caller
    stance: dict[int, np.ndarray] = field(default_factory=dict)  # mention -> log-probabilities
    sentiment: dict[int, np.ndarray] = field(default_factory=dict)
    cues: dict[int, Span | None] = field(default_factory=dict)
    links: dict[int, dict[int, float]] = field(default_factory=dict)
    margins: dict[int, int] = field(default_factory=dict)
    groups: list[list[int]] = field(default_factory=list)

    def add(self, mention: Mention) -> None:
        self.of_sentence.setdefault(mention.sentence_id, []).append(len(self.mentions))
        self.mentions.append(mention)

    def overlapping(self, mention: Mention) -> list[int]:
        here = self.of_sentence.get(mention.sentence_id, ())
        return [k for k in here if self.mentions[k].start < mention.end and mention.start < self.mentions[k].end]

    def add_pronouns(self) -> None:
        """The personal pronouns that were not tagged: they are linked, and hold no position of their own.

        One may stand inside a longer mention (*her* in *her lawyer*).
        """
        for index, (start, end) in enumerate(self.sentences):
            for mention in personal_pronouns(self.text, start, end, index):
                if all(self.mentions[k].kind != "pronoun" for k in self.overlapping(mention)):
                    self.add(mention)

    def sort_mentions(self) -> None:
        """Bring the mentions in the order of the text, and file them by sentence."""
        order = sorted(range(len(self.mentions)), key=lambda i: (self.mentions[i].start, self.mentions[i].end))
        self.given = {new: self.given[old] for new, old in enumerate(order) if old in self.given}
        self.mentions = [self.mentions[i] for i in order]
        self.of_sentence = {}
        for i, m in enumerate(self.mentions):
            self.of_sentence.setdefault(m.sentence_id, []).append(i)

    def spans(self, window: Window) -> Iterator[tuple[int, Span, WindowSentence, bool]]:
        """The mentions that a window reads: (mention, tokens, sentence, whether it gets its labels here)."""
        for s in window.sentences:
            low, high = (window.character_span(s.start, s.end)) if s.end > s.start else (0, 0)
            for i in self.of_sentence.get(s.index, ()):
                m = self.mentions[i]
                if m.start >= high or m.end <= low:
                    continue
                if span := window.token_span(s, m.start, m.end):
                    yield i, span, s, not s.context

    def set_windows(self, encoder: SentenceEncoder, encoded: Sequence, before: int, after: int) -> None:
        """``encoded`` are the tokens of ``sentences``; a given sentence is read with so many neighbours."""
        if self.target < 0:
            self.windows = encoder.windows(encoded)
        elif len(encoded[self.target]) > encoder.room:  # too long for one window: pieces, as in an article
            self.windows = [
                Window(w.ids, w.offsets, tuple(WindowSentence(self.target, s.start, s.end, s.context) for s in w.sentences))
                for w in encoder.windows([encoded[self.target]])
            ]
        else:
            self.windows = [encoder.window_around(encoded, self.target, before, after)]


def article_pieces(text: str) -> Iterator[Reading]:
    """An article in readings of at most ``MOST_SENTENCES`` sentences; offsets are those of the whole text."""
    sentences = split_sentences(text)
    for first in range(0, len(sentences), MOST_SENTENCES):
        yield Reading(text, sentences[first : first + MOST_SENTENCES], first=first)


def pair_reading(before: str, sentence: str, after: str, wanted: list[tuple[int, str, Span]]) -> Reading:
    """A sentence between its context, with the actors ``wanted`` of it: (row of the caller, name, characters of the sentence)."""
    text, spans, index = in_context(before, sentence, after)
    offset = spans[index][0]
    reading = Reading(text, spans, index)
    numbers: dict[tuple[str, Span], list[int]] = {}
    for number, name, span in wanted:
        numbers.setdefault((name, span), []).append(number)
    for (name, (a, b)), rows in numbers.items():
        reading.given[len(reading.mentions)] = rows
        reading.add(Mention(offset + a, offset + b, sentence[a:b], index, kind_of(sentence[a:b]), name))
    return reading
