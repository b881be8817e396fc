"""Who is who: texts in which some mentions are known to be one actor, for the links between mentions.

GAP and GUM are annotated by people. PerSenT adds the pronouns that its coreference resolver gave to the person an article is
about (noisy). Passages made from news are in ``masked_names``.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from stance.names import HE, SHE, Name
from stance.training.corpora.partial import document_of
from stance.training.corpora.people import NAME, people
from stance.training.corpora.reader import read_corpus
from stance.training.corpora.repair import repair
from stance.training.labelled.corpus import Document, LabelledMention, LabelledSentence, share

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
        yield linked(row["id"], "gum_links", row["text"], spans, [tuple(s) for s in row["sentences"]])


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
    return linked(name, "gap_links", text, spans)


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
    for m in NAME.finditer(text):
        if any(m.start() < k.end and k.start < m.end() for k in known):
            continue
        name = Name.of(m[0])
        same = next((k.actor for k in known if k.actor != "P" and name.same_as(Name.of(text[k.start : k.end]))), None)
        begins = m.start() == 0 or text[: m.start()].rstrip()[-1:] in '.!?"”'
        if name.words and (same or " " in m[0] or not begins):
            others.append(LabelledMention(m.start(), m.end(), same or " ".join(name.words)))
    return others


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
            if apart(spans):
                yield linked(f"{row['id']}/{number}", "persent_links", text, spans)


def apart(spans: Sequence[LabelledMention]) -> bool:
    """Whether none of the mentions, in the order of the text, reaches into the next."""
    return all(x.end <= y.start for x, y in zip(spans, spans[1:], strict=False))


def linked(
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
