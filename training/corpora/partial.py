"""Partly labelled data: public corpora that label some of what the heads learn. A label that is missing takes no loss."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from stance.names import POSSESSIVE, PRONOUNS, TITLES, kind_of, phrase
from stance.sentences import split_sentences
from stance.training.corpora.lexicon import stance_of_cue
from stance.training.corpora.reader import article_text, read_corpus
from stance.training.corpora.repair import repair
from stance.training.labelled.corpus import Document, LabelledMention, LabelledSentence

POLARITY = {2.0: "negative", 4.0: "neutral", 6.0: "positive"}


def newsmtsc(folder: Path, split: str = "newsmtsc") -> Iterator[Document]:
    """NewsMTSC: one sentence, a sentiment for each target. Targets are not all of its actors, so it teaches no tags."""
    for row in read_corpus(folder, split):
        text = row["sentence_normalized"]
        mentions = [
            LabelledMention(t["from"], t["to"], "", None, POLARITY[t["polarity"]])
            for t in row["targets"]
            if t["polarity"] in POLARITY and 0 <= t["from"] < t["to"] <= len(text)
        ]
        yield Document(
            row["primary_gid"], split, text, [(0, len(text))], {0: LabelledSentence(0, len(text), mentions, complete=False)}
        )


def persent(folder: Path) -> Iterator[Document]:
    """PerSenT: the target person's portrayal in each paragraph, given to its mentions there; crowd labels, noisy."""
    for row in read_corpus(folder, "persent"):
        at, marked = 0, []
        for p in row["paragraphs"]:
            if p["sentiment"] in ("negative", "neutral", "positive"):
                marked += [(at + a, at + b, p["sentiment"]) for a, b in p["mentions"]]
            at += len(p["text"]) + 1
        text = repair(article_text(row))
        spans = [LabelledMention(text.position(a), text.position(b), "", None, s) for a, b, s in marked]
        yield document_of(row["id"], "persent_sentiment", text.text, spans)


def polnear(folder: Path) -> Iterator[Document]:
    """PolNeAR train: sources of attributions with the stance that their cue gives (silver), and the names they speak of.

    A name that is a source elsewhere in the article and stands inside a content, beside no cue of its own, is *unknown*.
    """
    for row in read_corpus(folder, "polnear"):
        text, spans, names = row["text"], [], []
        for attribution in row["attributions"]:
            if len(attribution["source"]) != 1 or not attribution["cue"]:
                continue
            source = head_of(text, *attribution["source"][0])
            cue = attribution["cue"][0]
            words = " ".join(text[a:b] for a, b in attribution["cue"])
            if source and (stance := stance_of_cue(words)):
                spans.append(LabelledMention(*source, "", stance, None, tuple(cue)))
                if kind_of(text[slice(*source)]) == "name":
                    names.append(text[slice(*source)])
        taken = [(m.start, m.end) for m in spans]
        contents = [span for a in row["attributions"] for span in a["content"]]
        for name in dict.fromkeys(n for n in names if len(n) >= 4):
            for m in phrase(name).finditer(text):
                if any(a <= m.start() and m.end() <= b for a, b in contents) and not any(
                    a < m.end() and m.start() < b for a, b in taken
                ):
                    spans.append(LabelledMention(m.start(), m.end(), "", "unknown", None))
        yield document_of(row["id"], "polnear_silver", text, spans)


def head_of(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The mention in an annotated source: without titles before a name, and without what follows a comma or a relative clause."""
    head = re.split(r",|\bwho\b|\bwhose\b|\(|\bin an?\b|;|\n", text[start:end])[0].rstrip()
    if not head or len(head) > 80:
        return None
    words = list(re.finditer(r"\S+", head))
    k = 0
    while (
        k < len(words) - 1
        and words[k][0].lower().strip(".") in TITLES
        and words[k + 1][0][:1].isupper()
        and head.lower() not in PRONOUNS
        and kind_of(head) == "name"
    ):
        k += 1
    head_start = start + words[k].start()
    stripped = POSSESSIVE.sub("", head)
    return (head_start, start + len(stripped)) if start + len(stripped) > head_start else None


def document_of(name: str, source: str, text: str, mentions: Sequence[LabelledMention]) -> Document:
    """A text, split, with the mentions that are labelled in it; its sentences are not complete."""
    sentences = split_sentences(text)
    labelled = {}
    for i, (a, b) in enumerate(sentences):
        inside = sorted((m for m in mentions if a <= m.start and m.end <= b), key=lambda m: m.start)
        if inside:
            known = [m if not m.cue or a <= m.cue[0] < m.cue[1] <= b else replace(m, cue=None, cue_known=False) for m in inside]
            labelled[i] = LabelledSentence(a, b, known, complete=False)
    return Document(name, source, text, sentences, labelled)
