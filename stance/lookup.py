"""A given actor -> where its sentence mentions it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stance.encoding import Span
from stance.names import BARE_WORD, DIRECTIONS, PAPERS, POSSESSIVE, PREPOSITIONS, SMALL, Name, kind_of, phrase


def find_actor(sentence: str, actor: str, start: object, end: object) -> list[Span] | str:
    """Where an actor is in its sentence; or, as a string, why it is nowhere."""
    if not (_missing(start) and _missing(end)):
        try:
            a, b = int(start), int(end)  # type: ignore[call-overload]
            if (a, b) != (float(start), float(end)):  # type: ignore[arg-type]
                raise ValueError
        except (TypeError, ValueError, OverflowError):
            return f"start and end are {start!r} and {end!r}, not two whole numbers"
        if not 0 <= a < b <= len(sentence) or not sentence[a:b].strip():
            return f"start and end are {a} and {b}, outside of the sentence of {len(sentence)} characters"
        return [(a, b)]
    actor = actor.strip()
    pronoun = kind_of(actor) == "pronoun"
    exact = [
        m.span()
        for m in phrase(actor, re.IGNORECASE).finditer(sentence)
        if pronoun or m[0][0].isupper() or not actor[0].isupper()
    ]  # US is no us, May no may
    exact = [(a, b) for a, b in exact if not _other_name(sentence, a, b)]
    if exact or pronoun:
        return exact or f"{actor!r} is not in the sentence"
    name = Name.of(actor)
    for a, b in _capitalised_runs(sentence):
        possessive = POSSESSIVE.search(sentence[a:b])
        b -= len(possessive[0]) if possessive else 0
        if Name.of(sentence[a:b]).same_as(name):
            return [(a, b)]
    return f"{actor!r} is not in the sentence"


def _other_name(sentence: str, a: int, b: int) -> bool:
    """Whether the word before or after makes ``[a, b)`` another's name: *North Korea*, *Washington Post*."""
    before = re.search(r"([A-Z]\w*) $", sentence[max(a - 20, 0) : a])
    after = re.match(r" ([A-Z]\w*)", sentence[b : b + 20])
    return sentence[a].isupper() and bool(before and before[1].lower() in DIRECTIONS or after and after[1].lower() in PAPERS)


def _capitalised_runs(sentence: str) -> Iterator[Span]:
    """The names of a sentence, whole: capitalised words that touch, with *of* or *for* between (*Ministry of Defence*)."""
    small = SMALL | PREPOSITIONS
    start = end = None
    tails: list[int] = []
    for a, b in (m.span() for m in BARE_WORD.finditer(sentence)):
        word = sentence[a:b]
        joins = end is not None and re.fullmatch(r"\.? (?:(?:of|for) (?:the )?)?", sentence[end:a])
        if word[0].isupper() and not (end is None and word.lower() in small):
            if not joins and end is not None:
                yield from [(start, end), *((t, end) for t in tails)]
                start, tails = None, []
            if joins and "of" in sentence[end:a]:
                tails.append(a)
            start, end = (a if start is None else start), b
            if POSSESSIVE.search(word):
                yield from [(start, end), *((t, end) for t in tails)]
                start, end, tails = None, None, []
        elif word.lower() not in ("of", "for", "the") and end is not None:
            yield from [(start, end), *((t, end) for t in tails)]
            start, end, tails = None, None, []
    if end is not None:
        yield from [(start, end), *((t, end) for t in tails)]


def _missing(value: object) -> bool:
    """None, an empty cell, or NaN (pandas writes it for a missing number)."""
    try:
        return value is None or value == "" or bool(value != value)
    except TypeError:  # pandas.NA has no truth
        return True
