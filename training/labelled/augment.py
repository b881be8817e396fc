"""Sentences of several opposed actors, made by joining labelled sentences as clauses.

A sentence in which one actor denies and another warns teaches which cue is whose, and real text has few of them that are
labelled. Each clause keeps its labels: a stance is the actor's own, whatever the other clause says.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from stance.training.labelled.corpus import Document, LabelledSentence

CONNECTORS = (", while ", ", and ", ", but ", "; ", ", as ", ", and ")
# First words of a sentence that keep no capital inside one. *I* does, a name may be any other word.
SMALL_WITHIN = frozenset("the a an he she it they we in on at but and".split())
LONGEST = 170  # characters of a clause


def joined_clauses(documents: Sequence[Document], count: int, seed: int = 0) -> list[Document]:
    """``count`` sentences of two or three clauses, from labelled sentences of different articles that are short enough."""
    rng = random.Random(seed)
    clauses = [(d, s) for d in documents for _, s in sorted(d.labelled.items()) if _is_clause(d, s)]
    rng.shuffle(clauses)
    with_position = [c for c in clauses if any(m.stance != "unknown" for m in c[1].mentions)]
    made = []
    while len(made) < count and len(with_position) > 3:
        chosen = rng.sample(with_position, 2 if rng.random() < 0.75 else 3)
        actors = [m.actor.lower() for d, s in chosen for m in {m.actor: m for m in s.mentions}.values()]
        if len(set(actors)) == len(actors):  # one actor in both clauses would have two positions
            made.append(_join(chosen, rng, len(made)))
    return made


def _is_clause(document: Document, sentence: LabelledSentence) -> bool:
    text = document.text[sentence.start : sentence.end]
    return (
        sentence.complete
        and bool(sentence.mentions)
        and len(text) <= LONGEST
        and text.endswith(".")
        and "\n" not in text
        and text[0] not in "\"“'‘("
        and text.count('"') % 2 == 0
        and ";" not in text
    )


def _join(parts: Sequence[tuple[Document, LabelledSentence]], rng: random.Random, number: int) -> Document:
    text, mentions = "", []
    for k, (d, s) in enumerate(parts):
        if k:
            text += rng.choice(CONNECTORS)
        move = len(text) - s.start
        clause = d.text[s.start : s.end - 1]
        text += clause[0].lower() + clause[1:] if k and clause.split()[0].lower() in SMALL_WITHIN else clause
        for m in s.mentions:
            cue = m.cue and (m.cue[0] + move, m.cue[1] + move)
            mentions.append(replace(m, start=m.start + move, end=m.end + move, cue=cue))
    text += "."
    mentions = [m for m in mentions if m.end <= len(text) and (not m.cue or m.cue[1] <= len(text))]
    return Document(f"joined-{number}", "joined", text, [(0, len(text))], {0: LabelledSentence(0, len(text), mentions)})
