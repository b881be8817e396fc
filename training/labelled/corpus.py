"""Every source of labelled text -> one form: documents with sentences and labelled mentions."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from stance.sentences import split_sentences, strip_span
from stance.training.corpora.reader import SOURCES, SPAN, article_id, article_text, json_rows, read_corpus
from stance.training.corpora.repair import Repaired, repair
from stance.training.corpora.shapes import OrNull
from stance.training.labelled.markup import MarkedArticle, MarkupError, parse_articles

DATA = Path(__file__).parents[1] / "data"
ARTICLES = DATA / "articles"
LABELS = DATA / "stance_labels.jsonl.gz"

# Whole subjects are kept out of training, so that no event, name or turn of phrase of theirs is on both sides.
DEV_SUBJECTS = ("central_banks", "policing")
TEST_SUBJECTS = ("technology", "disasters", "migration")


@dataclass(frozen=True)
class LabelledMention:
    """``start``, ``end`` and ``cue`` are characters of the document's text. A label that is None takes no loss.

    ``attributes``: what else a user's table says of it (column -> value), by which an evaluation can be sliced.
    ``cue_known``: a cue that is None says that no words carry a position; where it is False, nothing is known of the cue.
    ``soft``: head -> label -> probability, what a model says of a mention that bears no label.
    """

    start: int
    end: int
    actor: str
    stance: str | None = None
    sentiment: str | None = None
    cue: tuple[int, int] | None = None
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)
    cue_known: bool = True
    soft: Mapping[str, Mapping[str, float]] = field(default_factory=dict, hash=False)


@dataclass
class LabelledSentence:
    """``complete``: every mention and cue in it is labelled, so the rest of its tokens are known to be none."""

    start: int
    end: int
    mentions: list[LabelledMention] = field(default_factory=list)
    complete: bool = True


@dataclass
class Document:
    """A text, all its sentences, and the labels of those that have any (``labelled``: index of the sentence -> labels)."""

    id: str
    source: str
    text: str
    sentences: list[tuple[int, int]]
    labelled: dict[int, LabelledSentence] = field(default_factory=dict)
    subject: str = ""

    def mentions(self) -> Iterator[tuple[int, LabelledMention]]:
        for index, sentence in sorted(self.labelled.items()):
            for mention in sentence.mentions:
                yield index, mention


def from_article(article: MarkedArticle) -> Document:
    """An article in the project's markup: paragraphs parted by an empty line, sentences by a space."""
    text, sentences, labelled = "", [], {}
    for index, s in enumerate(article.sentences):
        text += ("\n\n" if s.new_paragraph else " ") if text else ""
        start = len(text)
        text += s.text
        sentences.append((start, len(text)))
        labelled[index] = LabelledSentence(
            start,
            len(text),
            [
                LabelledMention(
                    start + m.start, start + m.end, m.actor, m.stance, m.sentiment, m.cue and (start + m.cue[0], start + m.cue[1])
                )
                for m in s.mentions
            ],
        )
    return Document(article.name, "articles", text, sentences, labelled, article.subject)


def articles(folder: Path = ARTICLES) -> list[Document]:
    """The articles of a file or a folder in the markup; those of this project unless given.

    Raises ``MarkupError`` with every mistake of every file, ``ValueError`` where there are no articles.
    """
    if not folder.exists():
        raise ValueError(f"{folder}: no such file or folder")
    documents, mistakes, first = [], [], {}
    files = [folder] if folder.is_file() else sorted(folder.glob("*.txt"))
    for path in files:
        try:
            found = parse_articles(path)
        except MarkupError as error:
            mistakes.append(str(error))
            continue
        for article in found:
            here = f"{path}:{article.line}"
            if first.setdefault(article.name, here) != here:
                mistakes.append(
                    f"{here}: the article name {article.name!r} is used at {first[article.name]} too; give it another"
                )
        documents += map(from_article, found)
    if mistakes:
        raise MarkupError("\n".join(mistakes))
    if not documents:
        raise ValueError(f"{folder}: no articles in it; articles are .txt files in the markup of training/data/README.md")
    return documents


def splits(documents: Iterable[Document]) -> dict[str, list[Document]]:
    """The written articles by subject: ``train``, ``dev`` and ``test``."""
    parts: dict[str, list[Document]] = {"train": [], "dev": [], "test": []}
    for d in documents:
        parts["dev" if d.subject in DEV_SUBJECTS else "test" if d.subject in TEST_SUBJECTS else "train"].append(d)
    return parts


def share(name: str, of: int = 100) -> int:
    """A number from 0 to ``of`` - 1 that belongs to ``name``, the same on every machine."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % of


# --- labels on real news, kept by reference -------------------------------------------------------------------------


REFERENCE = {
    "corpus": str,
    "article": str,
    "start": int,
    "end": int,
    "mentions": [
        {"start": int, "end": int, "actor": str, "stance": str | None, "sentiment": str | None, "cue": OrNull(SPAN)},
    ],
}


def read_references(path: Path) -> list[dict]:
    """Labels by reference; ``place`` says where each stands (``FILE:LINE``). Raises ``ValueError`` that names the place."""
    rows = []
    for place, row in json_rows(path, REFERENCE):
        if row["corpus"] not in SOURCES:
            raise ValueError(f"{place}: no corpus {row['corpus']!r}; write one of {', '.join(SOURCES)}")
        rows.append(row | {"place": place})
    if not rows:
        raise ValueError(f"{path}: no labels in it; give labels by reference, a JSON object a line")
    return rows


def corpus_texts(folder: Path, corpus: str) -> dict[str, str]:
    """Article id -> text, as the references count its characters."""
    return {article_id(row): article_text(row) for row in read_corpus(folder, corpus)}


def join(references: Iterable[dict], folder: Path) -> list[Document]:
    """Labels by reference + the corpora's text -> documents. Raises ``MissingCorpus``, or ``ValueError`` if they don't fit."""
    grouped: dict[tuple[str, str], list[dict]] = defaultdict(list)
    for row in references:
        grouped[row["corpus"], row["article"]].append(row)
    texts = {corpus: corpus_texts(folder, corpus) for corpus in sorted({c for c, _ in grouped})}
    documents = []
    for (corpus, article), rows in grouped.items():
        if article not in texts[corpus]:
            raise ValueError(f"{rows[0]['place']}: {corpus} has no article {article!r}; take it from {SOURCES[corpus].origin}")
        repaired = repair(texts[corpus][article])
        document = Document(article, corpus, repaired.text, [])
        labelled = sorted((_sentence(row, repaired) for row in rows), key=lambda s: s.start)
        document.sentences = fit_sentences(repaired.text, split_sentences(repaired.text), labelled)
        at = {span: i for i, span in enumerate(document.sentences)}
        document.labelled = {at[s.start, s.end]: s for s in labelled}
        documents.append(document)
    return documents


def _sentence(row: dict, text: Repaired) -> LabelledSentence:
    def place(span: tuple[int, int]) -> tuple[int, int]:
        return text.position(row["start"] + span[0]), text.position(row["start"] + span[1])

    start, end = text.position(row["start"]), text.position(row["end"])
    outside = ValueError(
        f"{row['place']}: a label of {row['corpus']} {row['article']} lies outside of its sentence; "
        f"the text is not the one that was labelled: take it from {SOURCES[row['corpus']].origin}"
    )
    if not 0 <= start < end <= len(text.text):
        raise outside
    while start < end and text.text[start].isspace():
        start += 1
    mentions = [
        LabelledMention(
            *place((m["start"], m["end"])), m["actor"], m["stance"], m["sentiment"], place(m["cue"]) if m["cue"] else None
        )
        for m in row["mentions"]
    ]
    spans = [(m.start, m.end) for m in mentions] + [m.cue for m in mentions if m.cue]
    if any(not start <= a < b <= end for a, b in spans):
        raise outside
    return LabelledSentence(start, end, mentions)


def fit_sentences(text: str, sentences: list[tuple[int, int]], labelled: list[LabelledSentence]) -> list[tuple[int, int]]:
    """The splitter's sentences, with the labelled ones in the place of those that they overlap."""
    kept = [(a, b) for a, b in sentences if not any(a < s.end and s.start < b for s in labelled)]
    rest = []
    for a, b in sentences:  # what a labelled sentence leaves of one it overlaps stays as context
        inside = [s for s in labelled if a < s.end and s.start < b]
        if inside:
            edges = [a, *[e for s in inside for e in (s.start, s.end)], b]
            rest += [strip_span(text, x, y) for x, y in zip(edges[::2], edges[1::2]) if text[x:y].strip()]
    return sorted(kept + rest + [(s.start, s.end) for s in labelled])
