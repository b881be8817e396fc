"""Sentences -> windows of token ids, and characters <-> tokens.

Training and scoring both go through this module, so a model is asked what it was taught.
A window is a run of sentences, as one encoder pass reads them: ``[CLS] s1 s2 s3 [SEP]``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Encoding, Tokenizer

from stance.sentences import SURROGATE

Span = tuple[int, int]


@dataclass(frozen=True)
class EncodedSentence:
    """The tokens of one sentence, without special tokens. ``offsets`` are characters of the article, shape (tokens, 2)."""

    ids: np.ndarray
    offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class WindowSentence:
    """A sentence, or a piece of one too long for a window, at tokens ``[start, end)`` of its window.

    ``context`` says that it is there to be read beside the others, and gets its own labels from another window.
    """

    index: int
    start: int
    end: int
    context: bool = False


@dataclass(frozen=True)
class Window:
    """What one encoder pass reads. ``offsets`` are characters of the article, (0, 0) for special tokens."""

    ids: np.ndarray
    offsets: np.ndarray
    sentences: tuple[WindowSentence, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def token_span(self, sentence: WindowSentence, start: int, end: int) -> Span | None:
        """The tokens of ``sentence`` that cover characters ``[start, end)`` of the article; None if there are none."""
        offsets = self.offsets[sentence.start : sentence.end]
        touched = np.flatnonzero((offsets[:, 0] < end) & (offsets[:, 1] > start) & (offsets[:, 1] > offsets[:, 0]))
        if not len(touched):
            return None
        return sentence.start + int(touched[0]), sentence.start + int(touched[-1]) + 1

    def character_span(self, start: int, end: int) -> Span:
        """The characters of the article that tokens ``[start, end)`` cover."""
        return int(self.offsets[start, 0]), int(self.offsets[end - 1, 1])


class SentenceEncoder:
    """A tokenizer and the limits of its model.

    ``max_tokens``: the longest window, special tokens included. ``context_tokens``: at most so many tokens of the
    sentences before are read again at the head of the next window of an article.
    """

    def __init__(self, tokenizer: Tokenizer, max_tokens: int = 256, context_tokens: int = 64):
        self.tokenizer = tokenizer
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.max_tokens, self.context_tokens = max_tokens, context_tokens
        bare = tokenizer.encode("a", add_special_tokens=False).ids
        full = tokenizer.encode("a", add_special_tokens=True).ids
        at = next((i for i in range(len(full) - len(bare) + 1) if full[i : i + len(bare)] == bare), 0)
        self.prefix, self.suffix = full[:at], full[at + len(bare) :]
        if self.room < 8:
            raise ValueError(f"max_tokens is {max_tokens}; a window needs room for at least 8 tokens")

    @classmethod
    def from_file(cls, path: Path, **limits: int) -> SentenceEncoder:
        return cls(Tokenizer.from_file(str(path)), **limits)

    @property
    def room(self) -> int:
        """How many tokens of text a window holds."""
        return self.max_tokens - len(self.prefix) - len(self.suffix)

    def encode(self, text: str, sentences: Sequence[Span]) -> list[EncodedSentence]:
        return self.encode_many([(text, sentences)])[0]

    def encode_many(self, texts: Sequence[tuple[str, Sequence[Span]]]) -> list[list[EncodedSentence]]:
        """The sentences of several texts, tokenized in one go."""
        encodings = iter(
            self.tokenizer.encode_batch(
                [SURROGATE.sub("\ufffd", text[a:b]) for text, sentences in texts for a, b in sentences], add_special_tokens=False
            )
        )
        return [[_encoded(next(encodings), start) for start, _ in sentences] for _, sentences in texts]

    def window(self, sentences: Sequence[EncodedSentence], parts: Sequence[tuple[int, int, int, bool]]) -> Window:
        """A window of ``parts``: (index of the sentence, its first and end token, is it context)."""
        ids, offsets, placed = [np.asarray(self.prefix, dtype=np.int64)], [np.zeros((len(self.prefix), 2), np.int32)], []
        at = len(self.prefix)
        for index, first, end, context in parts:
            ids.append(sentences[index].ids[first:end])
            offsets.append(sentences[index].offsets[first:end])
            placed.append(WindowSentence(index, at, at + end - first, context))
            at += end - first
        ids.append(np.asarray(self.suffix, dtype=np.int64))
        offsets.append(np.zeros((len(self.suffix), 2), np.int32))
        return Window(np.concatenate(ids), np.concatenate(offsets), tuple(placed))

    def windows(self, sentences: Sequence[EncodedSentence]) -> list[Window]:
        """Windows over a whole article: each sentence is labelled in one of them, and read as context where room allows.

        A sentence longer than a window is read in pieces that overlap by ``context_tokens``.
        """
        windows, parts, used = [], [], 0

        def close() -> None:
            nonlocal parts, used
            if any(not context for *_, context in parts):
                windows.append(self.window(sentences, parts))
            head, used = [], 0
            for index, first, end, _ in reversed(parts):
                if used + end - first > self.context_tokens:
                    break
                head.insert(0, (index, first, end, True))
                used += end - first
            parts = head

        for index, sentence in enumerate(sentences):
            length = len(sentence)
            if length > self.room:
                close()
                parts, used = [], 0
                step = self.room - min(self.context_tokens, self.room // 2)
                for first in range(0, max(length - (self.room - step), 1), step):
                    windows.append(self.window(sentences, [(index, first, min(first + self.room, length), False)]))
                continue
            if used + length > self.room:
                close()
                if used + length > self.room:
                    parts, used = [], 0
            parts.append((index, 0, length, False))
            used += length
        close()
        return windows

    def window_around(
        self, sentences: Sequence[EncodedSentence], index: int, before: int, after: int, spare: int | None = None
    ) -> Window:
        """One window for the sentence ``index`` with up to ``before`` and ``after`` neighbours as context, if they fit.

        Where the sentence alone is longer than the window, the tokens around the character ``spare`` are kept.
        """
        used = len(sentences[index])
        if used > self.room:
            return self.window(sentences, [self._cut(sentences[index], index, spare)])
        parts = [(index, 0, used, False)]
        for i in range(index - 1, max(index - 1 - before, -1), -1):
            if used + len(sentences[i]) > self.room:
                break
            parts.insert(0, (i, 0, len(sentences[i]), True))
            used += len(sentences[i])
        for i in range(index + 1, min(index + 1 + after, len(sentences))):
            if used + len(sentences[i]) > self.room:
                break
            parts.append((i, 0, len(sentences[i]), True))
            used += len(sentences[i])
        return self.window(sentences, parts)

    def _cut(self, sentence: EncodedSentence, index: int, spare: int | None) -> tuple[int, int, int, bool]:
        at = 0 if spare is None else int(np.searchsorted(sentence.offsets[:, 0], spare))
        first = max(0, min(at - self.room // 2, len(sentence) - self.room))
        return index, first, min(first + self.room, len(sentence)), False


def _encoded(encoding: Encoding, start: int) -> EncodedSentence:
    offsets = np.asarray(encoding.offsets, dtype=np.int32).reshape(-1, 2) + start
    return EncodedSentence(np.asarray(encoding.ids, dtype=np.int64), offsets)
