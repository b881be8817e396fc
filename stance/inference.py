"""Readings through the model: tokens, packed windows, hidden states, mentions, labels, links.

``Inference.stream`` does it for a stream of buffers of readings. Tokenizing, encoding and linking run side by side: the next
buffers are tokenized in a thread of their own, windows are encoded on ``threads`` threads, and the caller's thread links.
What a buffer gives depends on that buffer alone, not on the number of threads nor on the buffers around it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any, Protocol

import numpy as np

from stance.actors import Linker
from stance.checkpoint import Config
from stance.encoding import SentenceEncoder, Span, Window, WindowSentence
from stance.labels import HEADS
from stance.mentions import find_mentions, whole_words
from stance.prefetch import ahead
from stance.reading import Reading
from stance.runtime import EncodedBatch, Runtime

# Buffers that are being encoded while one is linked.
IN_FLIGHT = 2
# The span head reads windows padded to a multiple of so many tokens, so that many share a pass.
WIDTH_STEP = 8


class Buffer(Protocol):
    """Whatever carries readings through the stream."""

    readings: list[Reading]


@dataclass
class Pack:
    """Windows of like length that share an encoder pass."""

    work: list[tuple[Reading, Window]]
    encoded: Future[EncodedBatch] | None = None


# A mention in a window: the window's place in its pack, the mention, its tokens, its sentence, whether it gets its labels here.
Row = tuple[int, int, Span, WindowSentence, bool]


@dataclass
class Part:
    """Mentions of some windows of a pack, for one pass of the span head."""

    pack: Pack
    rows: list[Row]

    @property
    def low(self) -> int:
        return self.rows[0][0]

    @cached_property
    def width(self) -> int:
        longest = max(len(self.pack.work[k][1]) for k in range(self.low, self.rows[-1][0] + 1))
        return -(-longest // WIDTH_STEP) * WIDTH_STEP

    @property
    def hidden(self) -> Any:
        return self.pack.encoded.result().hidden[self.low : self.rows[-1][0] + 1, : self.width]


class Inference:
    """The steps from text to labelled mentions. ``threads`` encoder passes run at a time."""

    def __init__(self, sentence_encoder: SentenceEncoder, runtime: Runtime, config: Config, pad_id: int, threads: int):
        self.sentence_encoder, self.runtime, self.config = sentence_encoder, runtime, config
        self.pad_id, self.threads = pad_id, threads

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self.threads, "stance-encoder")

    def __getstate__(self) -> dict:
        return {k: v for k, v in self.__dict__.items() if k != "_pool"}

    def run(self, readings: Sequence[Reading]) -> None:
        """One buffer of readings, labelled and linked in place."""
        packs = self.prepare(readings)
        if len(packs) == 1:  # a short text: not worth a thread
            packs[0].encoded = Future()
            packs[0].encoded.set_result(self._encode(packs[0]))
        else:
            self.submit(packs)
        self.finish(readings, packs)

    def stream(self, buffers: Iterable[Buffer]) -> Iterator[Buffer]:
        """Buffers, their readings labelled and linked in place, in order."""
        waiting: deque[tuple[Buffer, list[Pack]]] = deque()
        prepared = ahead(((buffer, self.prepare(buffer.readings)) for buffer in buffers), IN_FLIGHT)
        try:
            while True:
                buffer, packs = next(prepared, (None, []))
                if buffer is not None:
                    waiting.append((buffer, self.submit(packs)))
                if not waiting:
                    return
                if buffer is None or len(waiting) > IN_FLIGHT:
                    buffer, packs = waiting.popleft()
                    self.finish(buffer.readings, packs)
                    del packs  # the hidden states
                    yield buffer
        finally:
            for pack in (pack for _, packs in waiting for pack in packs):
                pack.encoded.cancel()
            prepared.close()

    def prepare(self, readings: Sequence[Reading]) -> list[Pack]:
        """Tokenize the sentences of a buffer in one go, and pack their windows by length, the longest first."""
        encoded = iter(self.sentence_encoder.encode_many([(r.text, r.sentences) for r in readings]))
        for reading in readings:
            reading.set_windows(self.sentence_encoder, next(encoded), self.config.before, self.config.after)
        work = sorted(((r, w) for r in readings for w in r.windows), key=lambda pair: -len(pair[1]))
        packs: list[Pack] = []
        for reading, window in work:
            if not packs or len(packs[-1].work[0][1]) * (len(packs[-1].work) + 1) > self.runtime.batch_tokens:
                packs.append(Pack([]))
            packs[-1].work.append((reading, window))
        return packs

    def submit(self, packs: list[Pack]) -> list[Pack]:
        """Give the packs to the encoder; several run at a time."""
        for pack in packs:
            pack.encoded = self._pool.submit(self._encode, pack)
        return packs

    def _encode(self, pack: Pack) -> EncodedBatch:
        return self.runtime.encode([window for _, window in pack.work], self.pad_id)

    def finish(self, readings: Sequence[Reading], packs: list[Pack]) -> None:
        """Find the mentions, label and link them."""
        tags = {id(w): t for pack in packs for (_, w), t in zip(pack.work, pack.encoded.result().tags)}
        for reading in readings:
            for window in reading.windows:
                _find(reading, window, tags[id(window)])
            reading.add_pronouns()
            reading.sort_mentions()
        self._label(packs)
        for reading in readings:
            reading.groups = Linker(reading.mentions, reading.links, reading.text).link()
            if reading.given:
                reading.groups = _by_given_actor(reading)
            _share_positions(reading)

    # --- the span head --------------------------------------------------------------------------------------------------

    def _label(self, packs: Sequence[Pack]) -> None:
        """The span head over the mentions of the windows, those of one padded width together: a window's scores are then the
        same whatever it shares a pass with, and few passes cost less than one a window."""
        waiting: list[Part] = []
        for pack in packs:
            rows = [(k, *span) for k, (reading, window) in enumerate(pack.work) for span in reading.spans(window)]
            most = max(self.runtime.head_tokens // (len(pack.work[0][1]) + WIDTH_STEP), 1)
            for part in _parts(pack, rows, most):
                if waiting and (waiting[-1].width != part.width or sum(len(p.rows) for p in waiting) + len(part.rows) > most):
                    self._score(waiting)
                    waiting = []
                waiting.append(part)
        if waiting:
            self._score(waiting)

    def _score(self, parts: list[Part]) -> None:
        hidden = [p.hidden for p in parts]
        first = np.repeat(np.cumsum([0, *map(len, hidden[:-1])]), [len(p.rows) for p in parts])
        rows = [row for p in parts for row in p.rows]
        window = first + np.array([row[0] - p.low for p in parts for row in p.rows], dtype=np.int64)
        out = self.runtime.score(
            hidden,
            parts[0].width,
            window,
            np.array([r[2] for r in rows], dtype=np.int64),
            np.array([(r[3].start, r[3].end) for r in rows], dtype=np.int64),
        )
        stance, sentiment = self._calibrated("stance", out.stance), self._calibrated("sentiment", out.sentiment)
        links, cues = log_softmax(out.links).tolist(), _cue_tokens(out.cue)
        packs = [p.pack for p in parts for _ in p.rows]
        for _, together in groupby(range(len(rows)), key=window.tolist().__getitem__):
            together = list(together)
            for n in together:
                k, i, tokens, s, own = rows[n]
                reading, read = packs[n].work[k]
                margin = min(tokens[0] - s.start, s.end - tokens[1])
                # Of the pieces of a long sentence, the one that shows most around the mention labels it.
                if own and margin > reading.margins.get(i, -1):
                    reading.margins[i] = margin
                    reading.stance[i], reading.sentiment[i] = stance[n], sentiment[n]
                    reading.cues[i] = cues[n] and whole_words(reading.text, *read.character_span(*cues[n]))
                    reading.links[i] = {rows[j][1]: links[n][j] for j in together if j != n} | {-1: links[n][-1]}

    def _calibrated(self, head: str, logits: np.ndarray) -> np.ndarray:
        return log_softmax((logits + self._biases[head]) / self.config.temperatures[head])

    @cached_property
    def _biases(self) -> dict[str, np.ndarray]:
        return {head: np.asarray(self.config.biases.get(head) or 0.0) for head in HEADS}


def _find(reading: Reading, window: Window, tags: np.ndarray) -> None:
    for s in window.sentences:
        if s.context and reading.target < 0:  # another window of the article labels it
            continue
        for mention in find_mentions(reading.text, window, s, tags, s.index):
            taken = reading.overlapping(mention)
            if not taken:
                reading.add(mention)
            elif len(taken) == 1 and taken[0] not in reading.given and len(mention.text) > len(reading.mentions[taken[0]].text):
                reading.mentions[taken[0]] = mention  # cut at the end of a piece of a long sentence


def _by_given_actor(reading: Reading) -> list[list[int]]:
    """Given mentions are grouped as the caller names their actors, the others as the linker does where that is no other actor."""
    groups: dict[object, list[int]] = {}
    for number, group in enumerate(reading.groups):
        actors = {reading.mentions[i].actor for i in group if i in reading.given}
        for i in group:
            key = reading.mentions[i].actor if i in reading.given else next(iter(actors)) if len(actors) == 1 else number
            groups.setdefault(key, []).append(i)
    return list(groups.values())


def _share_positions(reading: Reading) -> None:
    """Codebook rule 12: all mentions of an actor in a sentence have its stance there, so their scores are averaged."""
    for group in reading.groups:
        by_sentence: dict[int, list[int]] = {}
        for i in group:
            if i in reading.stance and reading.mentions[i].labelled:
                by_sentence.setdefault(reading.mentions[i].sentence_id, []).append(i)
        for together in by_sentence.values():
            if len(together) < 2:
                continue
            for scores in (reading.stance, reading.sentiment):
                mean = log_softmax(np.mean([scores[i] for i in together], axis=0))
                for i in together:
                    scores[i] = mean
            cue = next((reading.cues[i] for i in together if reading.cues[i]), None)
            for i in together:
                reading.cues[i] = reading.cues[i] or cue


def _parts(pack: Pack, rows: list[Row], most: int) -> Iterator[Part]:
    """The rows of a pack in parts of at most ``most``, or of one window if that has more."""
    first = 0
    while first < len(rows):
        last = min(first + most, len(rows))
        while first < last < len(rows) and rows[last][0] == rows[last - 1][0]:  # the mentions of a window stay together
            last -= 1
        if last == first:
            last = first + next((n for n, r in enumerate(rows[first:]) if r[0] != rows[first][0]), len(rows) - first)
        yield Part(pack, rows[first:last])
        first = last


def _cue_tokens(log_p: np.ndarray) -> list[Span | None]:
    """The tokens that the cue pointers (M, T + 1) point at: the best one and the neighbours that have a fifth of its weight;
    None where *none*, the last, has half of the weight. What lies outside of the sentence has no weight."""
    tokens = log_p[:, :-1]
    best = tokens.argmax(-1)
    floor = np.take_along_axis(tokens, best[:, None], 1) + np.log(0.2)
    found: list[Span | None] = []
    for low, none, above in zip(best.tolist(), (log_p[:, -1] >= np.log(0.5)).tolist(), (tokens >= floor).tolist(), strict=True):
        high = low + 1
        while low > 0 and above[low - 1]:
            low -= 1
        while high < len(above) and above[high]:
            high += 1
        found.append(None if none else (low, high))
    return found


def log_softmax(x: np.ndarray) -> np.ndarray:
    x = x.astype(np.float64)
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))
