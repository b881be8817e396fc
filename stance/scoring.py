"""Streams of articles and of (sentence, actor) rows -> buffers that go through the model together.

A buffer is closed by the length of its texts alone, so the same input always gives the same buffers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from stance.lookup import find_actor
from stance.reading import Reading, article_pieces, pair_reading

# About 16,000 tokens, whose hidden states are 25 MB for an encoder of 384 dimensions.
BUFFER_CHARACTERS = 2**16
BUFFER_SENTENCES = 2**7
FIRST_SENTENCES = 2**6
BUFFER_ROWS = 2**12


@dataclass(slots=True)
class Item:
    """An article, or with ``actor`` a sentence and its actor. ``start``, ``end``: characters of the mention in the sentence.

    ``origin`` is the caller's, and comes back with the predictions.
    """

    id: str
    text: str
    actor: str | None = None
    start: object = None
    end: object = None
    before: str = ""
    after: str = ""
    origin: object = None

    @property
    def sentence_key(self) -> tuple[str, str, str] | None:
        return None if self.actor is None else (self.before, self.text, self.after)


@dataclass(slots=True)
class Entry:
    """What a buffer holds of an item: a piece of an article (``last``: the final one), or its row of ``reading``.

    ``reason``: why there is nothing to read.
    """

    item: Item
    reading: Reading | None = None
    row: int = -1
    last: bool = True
    reason: str = ""


@dataclass(slots=True)
class Buffer:
    """Items in order, and the readings that they share. ``passed`` is what else stood between them: (place, object)."""

    entries: list[Entry] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    passed: list[tuple[int, object]] = field(default_factory=list)
    sentences: int = 0

    @property
    def complete(self) -> bool:
        """Whether its last article ends here."""
        return not self.entries or self.entries[-1].last


def item_of(values: object, number: int) -> Item:
    """An item from what a Python caller has: a text, ``(id, text)``, or a mapping with ``text`` (an article) or with
    ``sentence`` and ``actor``, and optionally ``id``, ``start``, ``end``, ``before``, ``after``.

    Raises ``TypeError``.
    """
    if isinstance(values, str):
        return Item(str(number), values)
    if isinstance(values, tuple) and len(values) == 2:
        values = {"id": values[0], "text": values[1]}
    if not isinstance(values, Mapping):
        raise TypeError(f"item {number} is a {type(values).__name__}; give a text, (id, text) or a mapping")
    name = values.get("id", values.get("article_id"))
    name = str(number if name is None else name)
    if "actor" in values:
        text = values.get("sentence", values.get("text"))
        actor, *context = (v if isinstance(v, str) else "" for v in map(values.get, ("actor", "before", "after")))
        return Item(name, text if isinstance(text, str) else "", actor, values.get("start"), values.get("end"), *context)
    text = values.get("text")
    if not isinstance(text, str):
        raise TypeError(f"item {number}: its text is a {type(text).__name__}; an article is a string")
    return Item(name, text)


def buffers(
    items: Iterable[object], characters: int = BUFFER_CHARACTERS, sentences: int = BUFFER_SENTENCES, before: int = 0
) -> Iterator[Buffer]:
    """Items -> buffers of about so many characters, or sentences. What is no ``Item`` is passed on in its place.

    The first are small, for the first rows to come soon: a buffer holds no more sentences than came before it, where ``before``
    counts those of earlier streams.

    Rows that follow each other with the same sentence and context share a reading; a buffer does not part them.
    """
    buffer, used = Buffer(), 0
    key: tuple[str, str, str] | None = None  # of the sentence at hand, and who is wanted of it
    wanted: list[tuple[int, str, tuple[int, int]]] = []

    def read_pairs() -> None:
        if key is not None and wanted:
            reading = pair_reading(*key, wanted)
            buffer.readings.append(reading)
            for row, _, _ in wanted:
                buffer.entries[row].reading = reading
            wanted.clear()

    def close() -> Buffer:
        nonlocal buffer, used, key, before
        read_pairs()
        before += buffer.sentences
        closed, buffer, used, key = buffer, Buffer(), 0, None
        return closed

    for item in items:
        goes_on = same_sentence(item, key)
        full = used >= characters or buffer.sentences >= min(sentences, max(before, FIRST_SENTENCES))
        if full and not goes_on or len(buffer.entries) >= BUFFER_ROWS:
            yield close()
        if not isinstance(item, Item):
            buffer.passed.append((len(buffer.entries), item))
            used += 100  # many rejects make a buffer too
        elif item.actor is not None:
            entry = Entry(item, row=len(buffer.entries))
            buffer.entries.append(entry)
            spans = _problem(item) or find_actor(item.text, item.actor, item.start, item.end)
            found = []
            if isinstance(spans, str):
                entry.reason = spans
            else:
                found = [(entry.row, item.actor, span) for span in spans]
            if item.sentence_key != key:
                read_pairs()
                key = item.sentence_key
                used += len(item.text) + min(len(item.before) + len(item.after), 1000)
                buffer.sentences += 1
            wanted += found
        else:
            read_pairs()
            key = None
            for reading in article_pieces(item.text):
                if used >= characters:
                    if buffer.entries and buffer.entries[-1].item is item:
                        buffer.entries[-1].last = False
                    yield close()
                buffer.entries.append(Entry(item, reading))
                buffer.readings.append(reading)
                buffer.sentences += len(reading.sentences)
                used += reading.sentences[-1][1] - reading.sentences[0][0]
            if not (buffer.entries and buffer.entries[-1].item is item):
                buffer.entries.append(Entry(item, reason="the text is empty"))
                used += 100
    if buffer.entries or buffer.passed:
        yield close()


def same_sentence(item: object, key: tuple[str, str, str] | None) -> bool:
    """Whether an item is a row of the sentence at hand."""
    return key is not None and isinstance(item, Item) and item.sentence_key == key


def _problem(item: Item) -> str | None:
    if not item.text.strip():
        return "the row has no sentence"
    return None if item.actor and item.actor.strip() else "the row has no actor"
