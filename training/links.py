"""Who is who: texts in which some mentions are known to be one actor, for the links between mentions.

GAP and GUM are annotated by people. More is made from news as WikiCREM is made from Wikipedia (Kocijan et al., EMNLP 2019): a
person's name that comes again is replaced by a pronoun, which then means that person and none of the others named around it.
PerSenT adds the pronouns that its coreference resolver gave to the person an article is about (noisy).
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from gender_guesser.detector import Detector

from stance.names import HE, SHE, TITLES, Name
from stance.sentences import split_sentences
from stance.training.corpora import article_text, read_corpus
from stance.training.corpus import Document, LabelledMention, LabelledSentence, share
from stance.training.partial import document_of
from stance.training.repair import repair

# Two, three or four capitalised words, the small ones of names between them.
CAPITALISED = r"[A-Z][a-zà-ÿ]+(?:[-’'][A-Z][a-z]+)*"
WORDS = re.compile(rf"(?<!\w){CAPITALISED}(?: (?:[A-Z]\.|bin|de|van|von|al|el|da|la|{CAPITALISED}))*(?!\w)")
FIRST_WORDS = TITLES | frozenset("the but and in as when after while if on for at".split())
# GUM's news is split as the labels on it are: some of its documents measure links, the others teach them.
NEWS_HELD_OUT_PERCENT = 40


def gum_held_out(name: str) -> bool:
    return share(name) < NEWS_HELD_OUT_PERCENT


def gum(folder: Path, news: bool = False) -> Iterator[Document]:
    """GUM: chains of mentions of persons and organisations. ``news``: its news that is held out, otherwise all the rest."""
    for row in read_corpus(folder, "gum"):
        held_out = row["genre"] == "news" and gum_held_out(row["id"])
        if held_out != news:
            continue
        spans = []
        for number, entity in enumerate(row["entities"]):
            if entity["type"] in ("person", "organization"):
                spans += [LabelledMention(a, b, f"{row['id']}/{number}") for a, b in entity["mentions"] if b - a <= 80]
        spans = [m for m in spans if not any(o is not m and o.start <= m.start and m.end <= o.end for o in spans)]
        yield _linked(row["id"], "gum_links", row["text"], spans, [tuple(s) for s in row["sentences"]])


def gap(folder: Path, split: str = "gap", renamed: int = 0, seed: int = 0) -> Iterator[Document]:
    """GAP: which of two names a pronoun means, or neither. The other names around them are told apart where that is known.

    ``renamed``: so many copies more of each passage, its two people under the names of other passages' people of the same
    gender: who is meant follows from what is said, not from the name.
    """
    rows = list(read_corpus(folder, split))
    rng = random.Random(seed)
    pool: dict[tuple[bool, int], list[str]] = {}
    for row in rows:
        for n in row["names"]:
            name = row["text"][slice(*n["span"])]
            pool.setdefault((_is_she(row), len(name.split())), []).append(name)
    for row in rows:
        yield _gap_document(row["id"], row)
        for copy in range(renamed):
            yield _gap_document(f"{row['id']}/{copy}", _renamed(row, pool, rng))


def _is_she(row: dict) -> bool:
    return row["text"][slice(*row["pronoun"])].lower() in SHE


def _gap_document(name: str, row: dict) -> Document:
    text, names = row["text"], row["names"]
    found = any(n["same"] for n in names)
    spans = [LabelledMention(*row["pronoun"], "S" if found else "P")]
    spans += [LabelledMention(*n["span"], "S" if n["same"] else f"N{k}") for k, n in enumerate(names)]
    if found:  # where neither is meant, another name may be
        spans += _other_names(text, spans)
    return _linked(name, "gap_links", text, spans)


def _renamed(row: dict, pool: dict[tuple[bool, int], list[str]], rng: random.Random) -> dict:
    """The passage with every word of its two names exchanged, wherever it stands."""
    text, new = row["text"], {}
    for n in row["names"]:
        words = text[slice(*n["span"])].split()
        for old, word in zip(words, rng.choice(pool[_is_she(row), len(words)]).split(), strict=True):
            if old[:1].isupper() and len(old) > 2 and word not in new.values():
                new.setdefault(old, word)
    out, cuts, at = "", [], 0  # cuts: (where a word began, how much longer the text has become before and after it)
    for m in re.finditer("|".join(rf"(?<!\w){re.escape(old)}(?!\w)" for old in new) or r"(?!)", text):
        out += text[at : m.start()] + new[m[0]]
        at = m.end()
        cuts.append((m.end(), len(out) - m.end()))
    out += text[at:]

    def move(span: Sequence[int]) -> list[int]:
        return [p + next((shift for end, shift in reversed(cuts) if end <= p), 0) for p in span]

    names = [{**n, "span": move(n["span"])} for n in row["names"]]
    return {**row, "text": out, "pronoun": move(row["pronoun"]), "names": names}


def _other_names(text: str, known: Sequence[LabelledMention]) -> list[LabelledMention]:
    """Names beside the annotated ones: the same actor where they are the same name, each one of its own otherwise."""
    others = []
    for m in WORDS.finditer(text):
        if any(m.start() < k.end and k.start < m.end() for k in known):
            continue
        name = Name.of(m[0])
        same = next((k.actor for k in known if k.actor != "P" and name.same_as(Name.of(text[k.start : k.end]))), None)
        begins = m.start() == 0 or text[: m.start()].rstrip()[-1:] in '.!?"”'
        if name.words and (same or " " in m[0] or not begins):
            others.append(LabelledMention(m.start(), m.end(), same or " ".join(name.words)))
    return others


def masked_names(folder: Path, per_article: int = 12, seed: int = 0) -> list[Document]:
    """Passages of PolNeAR and PerSenT in which a person's repeated name became *he*, *her* and so on."""
    rng = random.Random(seed)
    return [
        d
        for corpus in ("persent", "polnear")
        for row in read_corpus(folder, corpus)
        for d in _masked(row["id"], repair(article_text(row)).text, per_article, rng)
    ]


def persent(folder: Path) -> Iterator[Document]:
    """PerSenT: the paragraphs in which the target is a pronoun and a name, and somebody else is named."""
    for row in read_corpus(folder, "persent"):
        for number, paragraph in enumerate(row["paragraphs"]):
            fixed = repair(paragraph["text"])
            text = fixed.text
            target = {(fixed.position(a), fixed.position(b)) for a, b in paragraph["mentions"]}
            pronouns = {s for s in target if text[slice(*s)].lower() in HE | SHE}
            names = {s for s in target - pronouns if text[s[0] : s[0] + 1].isupper()}
            surnames = {text[slice(*s)].split()[-1] for s in names}
            around = [p for p in people(text) if not any(p[0] < b and a < p[1] for a, b in target)]
            others = [p for p in around if p[2] not in surnames]
            if not (pronouns and names and others) or len(text) > 1000:
                continue
            spans = [LabelledMention(*s, "S") for s in pronouns | names]
            spans += [LabelledMention(a, b, "S" if surname in surnames else surname) for a, b, surname, _ in around]
            spans.sort(key=lambda m: m.start)
            if all(x.end <= y.start for x, y in zip(spans, spans[1:], strict=False)):
                yield _linked(f"{row['id']}/{number}", "persent_links", text, spans)


@cache
def _detector() -> Detector:
    return Detector()


@cache
def _gender(first_name: str) -> str | None:
    """male, female, "" for a first name that may be both, None for a word that is no known first name."""
    found = _detector().get_gender(first_name)
    return None if found == "unknown" else found.removeprefix("mostly_") if found != "andy" else ""


def people(text: str) -> list[tuple[int, int, str, str]]:
    """Persons named in full somewhere in a text, wherever they are named: start, end, surname, gender ("" if unknown)."""
    named, full = [], {}
    for m in WORDS.finditer(text):
        words = m[0].split()
        start = m.start()
        while len(words) > 1 and words[0].lower().strip(".") in FIRST_WORDS:
            start += len(words.pop(0)) + 1
        named.append((start, m.end(), words))
        if 2 <= len(words) <= 3 and (gender := _gender(words[0])) is not None:
            full.setdefault(words[-1], (words[0], gender))
    return [
        (a, b, words[-1], full[words[-1]][1])
        for a, b, words in named
        if words[-1] in full and (len(words) == 1 or words[0] == full[words[-1]][0])
    ]


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
        spans += [
            LabelledMention(a - low + (move if a > start else 0), b - low + (move if a > start else 0), s) for a, b, s, _ in near
        ]
        spans.sort(key=lambda m: m.start)
        if all(x.end <= y.start for x, y in zip(spans, spans[1:], strict=False)):
            made.append(_linked(f"{name}/{start}", "masked_links", text[low:start] + word + text[after:high], spans))
    return made


def _linked(
    name: str, source: str, text: str, spans: Sequence[LabelledMention], sentences: list[tuple[int, int]] | None = None
) -> Document:
    """A document read whole, as an article is when it is scored: every mention in it that is known is linked, or to none."""
    if sentences is None:
        d = document_of(name, source, text, spans)
    else:
        d = Document(name, source, text, sentences)
        for i, (a, b) in enumerate(sentences):
            d.labelled[i] = LabelledSentence(a, b, [m for m in spans if a <= m.start and m.end <= b], complete=False)
    for i, (a, b) in enumerate(d.sentences):
        d.labelled.setdefault(i, LabelledSentence(a, b, [], complete=False))
    return d
