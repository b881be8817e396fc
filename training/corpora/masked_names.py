"""Passages in which a person's repeated name has become *he*, *her* and so on, for the links between mentions.

Made from news as WikiCREM is made from Wikipedia (Kocijan et al., EMNLP 2019): the pronoun means that person, and none of the
others named around it.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

from stance.sentences import split_sentences
from stance.training.corpora.links import apart, linked
from stance.training.corpora.people import people
from stance.training.corpora.reader import article_text, read_corpus
from stance.training.corpora.repair import repair
from stance.training.labelled.corpus import Document, LabelledMention

SUBJECT = re.compile(
    r"\s+(?:is|was|has|had|will|would|could|can|may|might|should|did|does|said|says|also|told|wrote|\w+ed|\w+s)\b"
)
OBJECT = re.compile(
    r"(?:\b(?:of|to|for|with|by|from|about|against|on|in|after|before|between|over|like|that|and)|\w+ed|told|asked|\w+ing)\s+$"
)
OWNER = re.compile(r" ?['’]s\b|['’](?= )")
# A name that goes on, or has a title before it, leaves a sentence that nobody would write.
GOES_ON = re.compile(r" and [A-Z]|, [A-Z]| [A-Z]|-")
TITLED = re.compile(r"\b(?:[A-Z][\w’'-]*\.?|and|or|&|the) $")


def masked_names(folder: Path, per_article: int = 12, seed: int = 0) -> list[Document]:
    """Passages of PolNeAR and PerSenT in which a person's repeated name became *he*, *her* and so on."""
    rng = random.Random(seed)
    return [
        d
        for corpus in ("persent", "polnear")
        for row in read_corpus(folder, corpus)
        for d in _masked(row["id"], repair(article_text(row)).text, per_article, rng)
    ]


def _pronoun(text: str, start: int, end: int, gender: str) -> tuple[str, int] | None:
    """What may stand for the name ``[start, end)``, and where what it replaces ends; None where none fits."""
    if GOES_ON.match(text[end : end + 6]) or TITLED.search(text[max(0, start - 14) : start]):
        return None
    begins = not text[:start].strip() or text[:start].rstrip()[-1] in '.!?"“”'
    male = gender == "male"
    if owner := OWNER.match(text[end : end + 4]):
        word, end = ("his" if male else "her"), end + len(owner[0])
    elif SUBJECT.match(text[end : end + 14]) or begins:
        word = "he" if male else "she"
    elif OBJECT.search(text[max(0, start - 16) : start]):
        word = "him" if male else "her"
    else:
        return None
    return word.capitalize() if begins else word, end


def _masked(name: str, text: str, most: int, rng: random.Random) -> list[Document]:
    found = people(text)
    sentences = split_sentences(text)
    order = list(range(len(found)))
    rng.shuffle(order)
    made: list[Document] = []
    for i in order:
        start, end, surname, gender = found[i]
        here = next((k for k, (a, b) in enumerate(sentences) if a <= start < b), None)
        if here is None or len(made) >= most:
            continue
        low, high = sentences[max(0, here - rng.choice((0, 1, 1, 2, 3)))][0], sentences[here][1]
        near = [p for p in found if low <= p[0] and p[1] <= high and p[0] != start]
        rivals = {p[2]: p[3] for p in near if p[2] != surname}
        gender = gender or rng.choice(("male", "female"))
        if high - low > 700 or not rivals or not any(p[2] == surname and p[0] < start for p in near):
            continue
        if gender not in rivals.values() and "" not in rivals.values() and rng.random() < 0.6:
            continue  # the gender alone would tell: some of these are enough
        if not (chosen := _pronoun(text, start, end, gender)):
            continue
        word, after = chosen
        move = len(word) - (after - start)
        spans = [LabelledMention(start - low, start - low + len(word), surname)]
        for a, b, other, _ in near:
            shift = (move if a > start else 0) - low
            spans.append(LabelledMention(a + shift, b + shift, other))
        spans.sort(key=lambda m: m.start)
        if apart(spans):
            made.append(linked(f"{name}/{start}", "masked_links", text[low:start] + word + text[after:high], spans))
    return made
