"""Documents -> examples (a window with its labels) -> batches of tensors."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch.utils.data import Dataset

from stance.encoding import SentenceEncoder, Window, WindowSentence
from stance.labels import LabelSet
from stance.training.labelled.corpus import Document, LabelledMention, LabelledSentence, share
from stance.training.network.modeling import IGNORE


@dataclass
class Example:
    """A window and the labels of its sentences. Spans are tokens of the window."""

    window: Window
    document: Document
    mentions: list[LabelledMention] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    sentences: list[WindowSentence] = field(default_factory=list)
    linked: list[int] = field(default_factory=list)  # per mention: 1 if *none* may be the answer, 0 if not, -1 no link loss
    tags: np.ndarray | None = None  # (T, 2), IGNORE where unknown
    weight: float = 1.0


def examples(
    documents: Sequence[Document], encoder: SentenceEncoder, before: int = 2, after: int = 1, bare: int = 25, weight: float = 1.0
) -> list[Example]:
    """The windows in which each labelled sentence is read once.

    A document labelled throughout is cut like an article is when scored. Where single sentences are labelled, each is read
    with ``before`` and ``after`` neighbours; ``bare`` percent are read alone, as sentences from a table are.
    """
    found = []
    for d in documents:
        encoded = encoder.encode(d.text, d.sentences)
        if len(d.labelled) == len(d.sentences) and len(d.sentences) > 1:
            windows = encoder.windows(encoded)
            found += [e for w in windows if (e := _example(w, d, link_all=True, weight=weight))]
            continue
        done: set[int] = set()
        for index in sorted(d.labelled):
            if index in done:
                continue
            alone = share(f"{d.id}/{index}") < bare
            spare = next((m.start for m in d.labelled[index].mentions), None)
            window = encoder.window_around(encoded, index, *((0, 0) if alone else (before, after)), spare=spare)
            read = {s.index for s in window.sentences if s.index in d.labelled and s.index >= index}
            if not alone:  # labelled neighbours are labelled here too, once
                window = Window(
                    window.ids,
                    window.offsets,
                    tuple(
                        WindowSentence(s.index, s.start, s.end, s.index not in read or s.index in done) for s in window.sentences
                    ),
                )
                done |= read
            if example := _example(window, d, link_all=False, weight=weight):
                found.append(example)
    return found


def rehearsal_examples(documents: Sequence[Document], encoder: SentenceEncoder, tokens: float, seed: int = 0) -> list[Example]:
    """Windows of completely labelled articles, of about so many tokens, that teach to find and link mentions, and no label."""
    made = examples(documents, encoder)
    random.Random(seed).shuffle(made)
    chosen, used = [], 0
    for e in made:
        if used >= tokens:
            break
        e.mentions = [replace(m, stance=None, sentiment=None) for m in e.mentions]
        chosen.append(e)
        used += len(e.window)
    return chosen


def _example(window: Window, document: Document, link_all: bool, weight: float) -> Example | None:
    """``link_all``: every actor of the document is labelled, so a mention without another of its actor here has none."""
    example = Example(window, document, tags=np.full((len(window), 2), IGNORE), weight=weight)
    for s in window.sentences:
        labelled = document.labelled.get(s.index)
        if labelled is None or (s.context and not link_all):
            continue
        if not s.context:
            _tag(example.tags, window, s, labelled)
        for m in labelled.mentions:
            if span := window.token_span(s, m.start, m.end):
                # Mentions of context sentences are there to be linked to; they have their own labels in another window.
                example.mentions.append(LabelledMention(m.start, m.end, m.actor) if s.context else m)
                example.linked.append(-1 if s.context or not m.actor else 1 if link_all else 0)
                example.spans.append(span)
                example.sentences.append(s)
    return example if example.mentions or (example.tags != IGNORE).any() else None


def _tag(tags: np.ndarray, window: Window, sentence: WindowSentence, labelled: LabelledSentence) -> None:
    if not labelled.complete:  # some of its mentions alone would teach to see mentions everywhere
        return
    tags[sentence.start : sentence.end] = 0
    cues = {m.cue for m in labelled.mentions if m.cue}
    for column, spans in enumerate(([(m.start, m.end) for m in labelled.mentions], sorted(cues))):
        for start, end in spans:
            if span := window.token_span(sentence, start, end):
                tags[span[0] : span[1], column] = 2
                tags[span[0], column] = 1


class ExampleDataset(Dataset):
    """Examples, with ``lengths`` for batches of windows of like length."""

    def __init__(self, items: Sequence[Example]):
        self.items = list(items)
        self.lengths = [len(e.window) for e in self.items]

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Example:
        return self.items[index]


class Collator:
    """Examples -> a padded batch. A mention's row in the batch is ``window``; labels that are missing are IGNORE.

    ``stance_soft`` and ``sentiment_soft`` (M, labels) are the probabilities of mentions without a label, 0 where there are none.
    """

    def __init__(self, labels: LabelSet, pad_id: int = 0):
        self.stance = {name: i for i, name in enumerate(labels.stance)}
        self.sentiment = {name: i for i, name in enumerate(labels.sentiment)}
        self.pad_id = pad_id

    def __call__(self, batch: Sequence[Example]) -> dict[str, torch.Tensor]:
        width = max(len(e.window) for e in batch)
        ids = np.full((len(batch), width), self.pad_id)
        mask, tags = np.zeros_like(ids), np.full((len(batch), width, 2), IGNORE)
        rows: list[tuple] = []
        actors: dict[tuple[int, str], int] = {}
        for b, e in enumerate(batch):
            ids[b, : len(e.window)], mask[b, : len(e.window)] = e.window.ids, 1
            tags[b, : len(e.window)] = e.tags
            for m, span, s, linked in zip(e.mentions, e.spans, e.sentences, e.linked, strict=True):
                cue = e.window.token_span(s, *m.cue) if m.cue else None
                known = m.stance is not None and m.cue_known
                rows.append(
                    (
                        b,
                        span,
                        (s.start, s.end),
                        self.stance.get(m.stance, IGNORE),
                        self.sentiment.get(m.sentiment, IGNORE),
                        cue if cue else (-1, -1) if known and not m.cue else (IGNORE, IGNORE),
                        actors.setdefault((b, m.actor), len(actors)) if m.actor else -1,
                        linked,
                        [m.soft.get("stance", {}).get(label, 0.0) for label in self.stance],
                        [m.soft.get("sentiment", {}).get(label, 0.0) for label in self.sentiment],
                        e.weight,
                    )
                )
        if not rows:  # a batch without a mention still needs one row; it has no label
            no_stance, no_sentiment = [0.0] * len(self.stance), [0.0] * len(self.sentiment)
            rows = [(0, (0, 1), (0, 1), IGNORE, IGNORE, (IGNORE, IGNORE), -1, -1, no_stance, no_sentiment, 0.0)]
        columns = list(zip(*rows, strict=True))
        names = ("window", "mention", "sentence", "stance_labels", "sentiment_labels", "cue_labels", "entities", "link_rows")
        tensors = {name: torch.tensor(column) for name, column in zip(names, columns)}
        return {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": torch.from_numpy(mask),
            **tensors,
            "stance_soft": torch.tensor(columns[-3], dtype=torch.float32),
            "sentiment_soft": torch.tensor(columns[-2], dtype=torch.float32),
            "tag_labels": torch.from_numpy(tags),
            "mention_weights": torch.tensor(columns[-1], dtype=torch.float32),
        }
