"""StanceClassifier: articles and (sentence, actor) pairs -> predictions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from stance.actors import Linker
from stance.checkpoint import TOKENIZER, Checkpoint, CheckpointError, find
from stance.encoding import SentenceEncoder, Span, Window, WindowSentence
from stance.lookup import find_actor
from stance.mentions import find_mentions, personal_pronouns, whole_words
from stance.names import canonical_name, kind_of
from stance.records import Actor, Article, Mention, Prediction, Sentence, summarize
from stance.runtime import OnnxRuntime
from stance.sentences import in_context, split_sentences

# How many padded tokens one encoder pass takes: enough to fill the cores, small enough for their caches.
BATCH_TOKENS = 2048
PASSES = 512


@dataclass
class _Reading:
    """One text on its way through the model."""

    text: str
    sentences: list[Span]
    target: int = -1  # the sentence that a caller gave, if one
    windows: list[Window] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    of_sentence: dict[int, list[int]] = field(default_factory=dict)  # sentence -> its mentions
    given: dict[int, list[int]] = field(default_factory=dict)  # mention -> rows of the caller
    stance: dict[int, np.ndarray] = field(default_factory=dict)  # mention -> log-probabilities
    sentiment: dict[int, np.ndarray] = field(default_factory=dict)
    cues: dict[int, Span | None] = field(default_factory=dict)
    links: dict[int, dict[int, float]] = field(default_factory=dict)
    margins: dict[int, int] = field(default_factory=dict)
    groups: list[list[int]] = field(default_factory=list)

    def add(self, mention: Mention) -> None:
        self.of_sentence.setdefault(mention.sentence_id, []).append(len(self.mentions))
        self.mentions.append(mention)

    def overlapping(self, mention: Mention) -> list[int]:
        here = self.of_sentence.get(mention.sentence_id, ())
        return [k for k in here if self.mentions[k].start < mention.end and mention.start < self.mentions[k].end]

    def add_pronouns(self) -> None:
        """The personal pronouns that were not tagged: they are linked, and hold no position of their own.

        One may stand inside a longer mention (*her* in *her lawyer*).
        """
        for index, (start, end) in enumerate(self.sentences):
            for mention in personal_pronouns(self.text, start, end, index):
                if all(self.mentions[k].kind != "pronoun" for k in self.overlapping(mention)):
                    self.add(mention)

    def sort_mentions(self) -> None:
        """Bring the mentions in the order of the text, and file them by sentence."""
        order = sorted(range(len(self.mentions)), key=lambda i: (self.mentions[i].start, self.mentions[i].end))
        self.given = {new: self.given[old] for new, old in enumerate(order) if old in self.given}
        self.mentions = [self.mentions[i] for i in order]
        self.of_sentence = {}
        for i, m in enumerate(self.mentions):
            self.of_sentence.setdefault(m.sentence_id, []).append(i)


class StanceClassifier:
    """A loaded model. Make one with ``stance.load``.

    ``threads``: of the encoder, 0 for one a core. Scoring touches no network and needs no torch.
    ``min_confidence``: a label whose probability is under it is left out (None); its score and the probabilities stay.
    """

    def __init__(self, checkpoint: Checkpoint, threads: int = 0, min_confidence: float = 0.0):
        if not 0 <= min_confidence <= 1:
            raise ValueError(f"min_confidence is {min_confidence}; a probability is from 0 to 1")
        self.min_confidence = min_confidence
        self.checkpoint, self.config = checkpoint, checkpoint.config
        self.labels = self.config.labels
        try:
            self.sentence_encoder = SentenceEncoder.from_file(
                checkpoint.folder / TOKENIZER, max_tokens=self.config.max_tokens, context_tokens=self.config.context_tokens
            )
        except Exception as error:  # the tokenizers library raises bare Exception for a broken file
            reason = str(error).splitlines()[0][:160]
            raise CheckpointError(f"{checkpoint.folder / TOKENIZER} is damaged ({reason}); copy the model again") from None
        self.pad_id = int(self.config.encoder.get("pad_token_id") or 0)
        self.runtime = OnnxRuntime(checkpoint, threads)

    def __repr__(self) -> str:
        return (
            f"StanceClassifier({self.config.name!r}, stance={list(self.labels.stance)}, sentiment={list(self.labels.sentiment)})"
        )

    # --- articles ---------------------------------------------------------------------------------------------------

    def analyze(self, text: str, article_id: str = "") -> Article:
        """Find the actors of an article and label each of their mentions.

        Raises ``TypeError`` if ``text`` is no string. A text without a sentence gives an article without predictions.
        """
        return next(self.analyze_many([(article_id, text)]))

    def analyze_many(self, articles: Iterable[tuple[str, str]]) -> Iterator[Article]:
        """``(article_id, text)`` pairs -> articles, in order, one at a time in memory."""
        for article_id, text in articles:
            if not isinstance(text, str):
                raise TypeError(f"an article is a string, not {type(text).__name__}")
            reading = _Reading(text, split_sentences(text))
            encoded = self.sentence_encoder.encode(text, reading.sentences)
            reading.windows = self.sentence_encoder.windows(encoded)
            self._read([reading])
            yield self._article(article_id, reading)

    def _article(self, article_id: str, reading: _Reading) -> Article:
        sentences = [Sentence(i, a, b, reading.text[a:b]) for i, (a, b) in enumerate(reading.sentences)]
        article = Article(article_id, reading.text, sentences, reading.mentions, model=self.config.name)
        by_mention: dict[int, Prediction] = {}
        grouped: list[tuple[str, list[int]]] = []
        for group in reading.groups:
            name = canonical_name([(reading.mentions[i].text, reading.mentions[i].kind) for i in group])
            grouped.append((name, sorted(group)))
            for i in group:
                reading.mentions[i].actor = name
        for name, group in grouped:
            for i in group:
                m = reading.mentions[i]
                if not m.labelled:
                    continue
                s = sentences[m.sentence_id]
                by_mention[i] = self._prediction(reading, i, s.text, name, article_id, m.sentence_id, s.start, s.end)
        article.predictions = [by_mention[i] for i in sorted(by_mention)]
        found = [
            summarize(name, [reading.mentions[i] for i in group], [by_mention[i] for i in group if i in by_mention])
            for name, group in grouped
            if any(i in by_mention for i in group)
        ]
        article.actors = sorted(found, key=_prominence)
        return article

    # --- given actors -----------------------------------------------------------------------------------------------

    def predict(
        self, sentence: str, actor: str, start: int | None = None, end: int | None = None, *, before: str = "", after: str = ""
    ) -> Prediction:
        """The stance of one actor in one sentence.

        ``start``, ``end``: characters of the mention in the sentence; without them the actor is looked for by name.
        ``before``, ``after``: the text around the sentence, read as context. If the actor is not there, the prediction
        has ``found`` False, ``stance`` None and the ``reason``.
        """
        return self.predict_many(
            [{"sentence": sentence, "actor": actor, "start": start, "end": end, "before": before, "after": after}]
        )[0]

    def predict_many(self, rows: Iterable[Mapping[str, object]]) -> list[Prediction]:
        """The stance of given actors: rows with ``sentence``, ``actor`` and optionally ``start``, ``end``, ``before``, ``after``.

        One prediction a row, in order. Rows that share a sentence and its context share an encoder pass.
        A row that cannot be scored gives a prediction with ``found`` False and the ``reason``; it never stops the others.
        """
        predictions: list[Prediction | None] = []
        passes: dict[tuple[str, str, str], list[tuple[int, str, Span]]] = {}
        for number, row in enumerate(rows):
            sentence, actor = row.get("sentence"), row.get("actor")
            problem = None
            if not isinstance(sentence, str) or not sentence.strip():
                problem = "the row has no sentence"
            elif not isinstance(actor, str) or not actor.strip():
                problem = "the row has no actor"
            else:
                spans = find_actor(sentence, actor, row.get("start"), row.get("end"))
                problem = spans if isinstance(spans, str) else None
            if problem:
                predictions.append(
                    Prediction(
                        sentence if isinstance(sentence, str) else "",
                        actor if isinstance(actor, str) else "",
                        sentence_end=len(sentence) if isinstance(sentence, str) else 0,
                        model=self.config.name,
                        found=False,
                        reason=problem,
                    )
                )
                continue
            predictions.append(None)
            key = (_text(row.get("before")), sentence, _text(row.get("after")))
            passes.setdefault(key, []).extend((number, actor, span) for span in spans)
        waiting = list(passes.items())
        for first in range(0, len(waiting), PASSES):  # hidden states of so many passes are in memory at a time
            readings = [self._pair_reading(*key, wanted) for key, wanted in waiting[first : first + PASSES]]
            self._read(readings)
            for reading in readings:
                self._answer(reading, predictions)
        return predictions

    def _answer(self, reading: _Reading, predictions: list[Prediction | None]) -> None:
        a, b = reading.sentences[reading.target]
        for i, numbers in reading.given.items():
            p = self._prediction(reading, i, reading.text[a:b], reading.mentions[i].actor, "", 0, a, b)
            for name in ("mention_start", "mention_end", "cue_start", "cue_end"):
                value = getattr(p, name)
                setattr(p, name, None if value is None else value - a)
            p.sentence_start, p.sentence_end = 0, b - a
            if i not in reading.stance:
                p.found, p.reason = False, "the mention holds no letter that the model reads"
            for number in numbers:  # the first mention of several speaks for the row
                if predictions[number] is None or not predictions[number].found:
                    predictions[number] = replace(p)

    def _pair_reading(self, before: str, sentence: str, after: str, wanted: list[tuple[int, str, Span]]):
        text, spans, index = in_context(before, sentence, after)
        offset = spans[index][0]
        reading = _Reading(text, spans, index)
        encoded = self.sentence_encoder.encode(text, spans)
        c = self.config
        if len(encoded[index]) > self.sentence_encoder.room:  # too long for one window: pieces, as in an article
            reading.windows = [
                Window(w.ids, w.offsets, tuple(WindowSentence(index, s.start, s.end, s.context) for s in w.sentences))
                for w in self.sentence_encoder.windows([encoded[index]])
            ]
        else:
            reading.windows = [self.sentence_encoder.window_around(encoded, index, c.before, c.after)]
        numbers: dict[tuple[str, Span], list[int]] = {}
        for number, name, span in wanted:
            numbers.setdefault((name, span), []).append(number)
        for (name, (a, b)), rows in numbers.items():
            reading.given[len(reading.mentions)] = rows
            reading.add(Mention(offset + a, offset + b, sentence[a:b], index, kind_of(sentence[a:b]), name))
        return reading

    # --- the model --------------------------------------------------------------------------------------------------

    def _read(self, readings: Sequence[_Reading]) -> None:
        """Run the windows of some readings through the model, in batches of like length, and link what was found."""
        work = [(r, w) for r in readings for w in r.windows]
        order = sorted(range(len(work)), key=lambda i: len(work[i][1]))
        hidden: dict[int, np.ndarray] = {}
        found: dict[int, np.ndarray] = {}
        for batch in _batches(order, [len(w) for _, w in work], BATCH_TOKENS):
            out = self.runtime.encode([work[i][1] for i in batch], self.pad_id)
            for row, i in enumerate(batch):
                length = len(work[i][1])
                hidden[i], found[i] = out.hidden[row, :length], out.tags[row, :length]
        for i, (reading, window) in enumerate(work):
            self._find(reading, window, found[i])
        for reading in readings:
            reading.add_pronouns()
            reading.sort_mentions()
        rows: list[tuple[int, int, Span, WindowSentence, bool]] = []  # (window, mention, tokens, sentence, is it labelled here)
        for i in order:
            rows += [(i, *rest) for rest in _spans_of(*work[i])]
        for batch in _batches(range(len(rows)), [len(work[r[0]][1]) for r in rows], 8 * BATCH_TOKENS, keep=[r[0] for r in rows]):
            self._score(work, hidden, [rows[k] for k in batch])
        for reading in readings:
            reading.groups = Linker(reading.mentions, reading.links, reading.text).link()
            if reading.given:
                reading.groups = _by_given_actor(reading)
            self._share_positions(reading)

    def _find(self, reading: _Reading, window: Window, tags: np.ndarray) -> None:
        for s in window.sentences:
            if s.context and reading.target < 0:  # another window of the article labels it
                continue
            for mention in find_mentions(reading.text, window, s, tags, s.index):
                taken = reading.overlapping(mention)
                if not taken:
                    reading.add(mention)
                elif (
                    len(taken) == 1 and taken[0] not in reading.given and len(mention.text) > len(reading.mentions[taken[0]].text)
                ):
                    reading.mentions[taken[0]] = mention  # cut at the end of a piece of a long sentence

    def _score(self, work, hidden: dict[int, np.ndarray], rows: list[tuple[int, int, Span, WindowSentence, bool]]) -> None:
        windows = sorted({r[0] for r in rows})
        at = {w: k for k, w in enumerate(windows)}
        width = max(len(hidden[w]) for w in windows)
        states = np.zeros((len(windows), width, hidden[windows[0]].shape[-1]), dtype=np.float32)
        for w, k in at.items():
            states[k, : len(hidden[w])] = hidden[w]
        out = self.runtime.score(
            states,
            np.array([at[r[0]] for r in rows], dtype=np.int64),
            np.array([r[2] for r in rows], dtype=np.int64),
            np.array([(r[3].start, r[3].end) for r in rows], dtype=np.int64),
        )
        stance, sentiment = self._calibrated("stance", out.stance), self._calibrated("sentiment", out.sentiment)
        links = _log_softmax(out.links)
        for w, together in groupby(range(len(rows)), key=lambda k: rows[k][0]):
            reading, window = work[w]
            together = list(together)
            for k in together:
                _, i, tokens, s, own = rows[k]
                margin = min(tokens[0] - s.start, s.end - tokens[1])
                # Of the pieces of a long sentence, the one that shows most around the mention labels it.
                if own and margin > reading.margins.get(i, -1):
                    reading.margins[i] = margin
                    reading.stance[i], reading.sentiment[i] = stance[k], sentiment[k]
                    reading.cues[i] = _cue(reading.text, window, s, out.cue[k])
                    reading.links[i] = {rows[j][1]: float(links[k, j]) for j in together if j != k} | {-1: float(links[k, -1])}

    def _calibrated(self, head: str, logits: np.ndarray) -> np.ndarray:
        bias = np.asarray(self.config.biases.get(head) or 0.0)
        return _log_softmax((logits + bias) / self.config.temperatures[head])

    def _share_positions(self, reading: _Reading) -> None:
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
                    mean = _log_softmax(np.mean([scores[i] for i in together], axis=0))
                    for i in together:
                        scores[i] = mean
                cue = next((reading.cues[i] for i in together if reading.cues[i]), None)
                for i in together:
                    reading.cues[i] = reading.cues[i] or cue

    def _prediction(
        self, reading: _Reading, i: int, sentence: str, actor: str, article_id: str, sentence_id: int, start: int, end: int
    ) -> Prediction:
        m = reading.mentions[i]
        stance = dict(zip(self.labels.stance, np.exp(reading.stance[i]).tolist(), strict=False)) if i in reading.stance else {}
        sentiment = (
            dict(zip(self.labels.sentiment, np.exp(reading.sentiment[i]).tolist(), strict=False))
            if i in reading.sentiment
            else {}
        )
        best, mood = (max(p, key=p.__getitem__) if p else None for p in (stance, sentiment))
        score, mood_score = stance.get(best), sentiment.get(mood)
        best = best if best and score >= self.min_confidence else None
        mood = mood if mood and mood_score >= self.min_confidence else None
        cue = reading.cues.get(i) if best else None
        return Prediction(
            sentence,
            actor,
            m.text,
            m.start,
            m.end,
            best,
            score,
            mood,
            mood_score,
            reading.text[cue[0] : cue[1]] if cue else "",
            cue[0] if cue else None,
            cue[1] if cue else None,
            stance,
            sentiment,
            article_id,
            sentence_id,
            start,
            end,
            self.config.name,
        )


def _by_given_actor(reading: _Reading) -> list[list[int]]:
    """Given mentions are grouped as the caller names their actors, the others as the linker does where that is no other actor."""
    groups: dict[object, list[int]] = {}
    for number, group in enumerate(reading.groups):
        actors = {reading.mentions[i].actor for i in group if i in reading.given}
        for i in group:
            key = reading.mentions[i].actor if i in reading.given else next(iter(actors)) if len(actors) == 1 else number
            groups.setdefault(key, []).append(i)
    return list(groups.values())


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _spans_of(reading: _Reading, window: Window) -> Iterator[tuple[int, Span, WindowSentence, bool]]:
    """The mentions that a window reads: (mention, tokens, sentence, whether it gets its labels here)."""
    for s in window.sentences:
        low, high = (window.character_span(s.start, s.end)) if s.end > s.start else (0, 0)
        for i in reading.of_sentence.get(s.index, ()):
            m = reading.mentions[i]
            if m.start >= high or m.end <= low:
                continue
            if span := window.token_span(s, m.start, m.end):
                yield i, span, s, not s.context


def _batches(order: Sequence[int], lengths: Sequence[int], tokens: int, keep: Sequence[int] | None = None) -> Iterator[list[int]]:
    """Runs of ``order`` whose padded size is at most ``tokens``; equal neighbours in ``keep`` stay together."""
    batch: list[int] = []
    longest = 0
    for i in order:
        longest = max(longest, lengths[i])
        together = keep is not None and batch and keep[batch[-1]] == keep[i]
        if batch and not together and longest * (len(batch) + 1) > tokens:
            yield batch
            batch, longest = [], lengths[i]
        batch.append(i)
    if batch:
        yield batch


def _cue(text: str, window: Window, sentence: WindowSentence, log_p: np.ndarray) -> Span | None:
    """The characters that the cue pointer points at: its best token and the neighbours that have a fifth of its weight."""
    inside = log_p[sentence.start : sentence.end]
    if not len(inside) or log_p[-1] >= np.logaddexp.reduce(inside):
        return None
    best = int(inside.argmax())
    low = high = best
    floor = inside[best] + np.log(0.2)
    while low > 0 and inside[low - 1] >= floor:
        low -= 1
    while high + 1 < len(inside) and inside[high + 1] >= floor:
        high += 1
    a, b = window.character_span(sentence.start + low, sentence.start + high + 1)
    return whole_words(text, a, b)


def _log_softmax(x: np.ndarray) -> np.ndarray:
    x = x.astype(np.float64)
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def _prominence(actor: Actor) -> tuple[int, int, int]:
    """Actors with a position first, then those of most sentences, then in the order of the text."""
    return (actor.stance in (None, "unknown"), -sum(actor.stances.values()), actor.mentions[0].start)


def load(model: str | os.PathLike[str] | None = None, threads: int = 0, min_confidence: float = 0.0) -> StanceClassifier:
    """A classifier from the shipped model (default), a model folder or a name on the Hugging Face hub.

    Raises ``stance.CheckpointError``, in one line, if there is no such model or it is damaged.
    """
    return StanceClassifier(Checkpoint.open(Path(find(model))), threads, min_confidence)
