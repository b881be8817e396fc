"""StanceClassifier: articles and (sentence, actor) pairs -> predictions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from stance.checkpoint import CONFIG, SCORING_FILES, TOKENIZER, WEIGHTS, Checkpoint, CheckpointError, find
from stance.encoding import SentenceEncoder
from stance.inference import Inference
from stance.names import canonical_name
from stance.reading import Reading, article_pieces
from stance.records import NO_POSITION, Actor, Article, Mention, Prediction, Sentence, summarize
from stance.runtime import OnnxRuntime, Runtime, usable_cores
from stance.scoring import Buffer, Entry, Item, buffers, item_of


class StanceClassifier:
    """A loaded model. Make one with ``stance.load``.

    ``threads``: encoder passes at a time, 0 for one a core. Scoring touches no network and needs no torch, unless ``device``
    is ``cuda``: torch then runs the model on the GPU.
    ``min_confidence``: a label whose probability is under it is left out (None); its score and the probabilities stay.
    """

    def __init__(self, checkpoint: Checkpoint, threads: int = 0, min_confidence: float = 0.0, device: str = "cpu"):
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
        self.device = device
        self.runtime = _runtime(checkpoint, device)
        self.inference = Inference(
            self.sentence_encoder, self.runtime, self.config, self.pad_id, threads or (usable_cores() if device == "cpu" else 1)
        )

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
            yield self._article(article_id, text)

    def _article(self, article_id: str, text: str) -> Article:
        article = Article(article_id, text, model=self.config.name)
        actors: dict[object, tuple[str, list[Mention], list[Prediction]]] = {}
        for reading in article_pieces(text):
            self.inference.run([reading])
            predictions = self._predictions(reading, article_id)
            for number, group in enumerate(reading.groups):
                name = reading.mentions[group[0]].actor
                # The pieces of a long article know each other's actors by name alone.
                key = (name, number) if name in actors and not reading.first else name
                _, mentions, found = actors.setdefault(key, (name, [], []))
                mentions += [reading.mentions[i] for i in sorted(group)]
                found += [predictions[i] for i in sorted(group) if i in predictions]
            for mention in reading.mentions:
                mention.sentence_id += reading.first
            article.sentences += [Sentence(reading.first + i, a, b, text[a:b]) for i, (a, b) in enumerate(reading.sentences)]
            article.mentions += reading.mentions
            article.predictions += [predictions[i] for i in sorted(predictions)]
        found = [summarize(name, mentions, predictions) for name, mentions, predictions in actors.values() if predictions]
        article.actors = sorted(found, key=_prominence)
        return article

    def _predictions(self, reading: Reading, article_id: str) -> dict[int, Prediction]:
        """The labelled mentions of an article's reading, each named after its actor."""
        for group in reading.groups:
            name = canonical_name([(reading.mentions[i].text, reading.mentions[i].kind) for i in group])
            for i in group:
                reading.mentions[i].actor = name
        found = {}
        for i, m in enumerate(reading.mentions):
            if m.labelled:
                a, b = reading.sentences[m.sentence_id]
                found[i] = self._prediction(
                    reading, i, reading.text[a:b], m.actor, article_id, reading.first + m.sentence_id, a, b
                )
        return found

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

        One prediction a row, in order. Rows that follow each other with one sentence and its context share an encoder pass.
        A row that cannot be scored gives a prediction with ``found`` False and the ``reason``; it never stops the others.
        """
        items = (item_of({"actor": "", **row, "id": ""}, n) for n, row in enumerate(rows))
        return [p for _, predictions in self.score_items(items) for p in predictions]

    # --- streams ----------------------------------------------------------------------------------------------------

    def score(self, items: Iterable[object]) -> Iterator[Prediction]:
        """A stream of articles and of (sentence, actor) rows -> a stream of predictions, in order, at full speed.

        An item is a text, an ``(id, text)`` pair, or a mapping: with ``text`` (and ``id``) it is an article, whose actors are
        found, a prediction a mention; with ``sentence`` and ``actor`` a row as in ``predict_many``, one prediction each.
        Some thousand sentences are read ahead and in memory, however long the stream. Raises ``TypeError`` for other items.
        """
        for _, predictions in self.score_items(item_of(values, n) for n, values in enumerate(items)):
            yield from predictions

    def score_items(self, items: Iterable[Item]) -> Iterator[tuple[Item, list[Prediction]]]:
        """Items, each with its predictions; an article of many sentences comes in pieces."""
        for buffer in self.inference.stream(buffers(items)):
            for entry, predictions in self.entry_predictions(buffer):
                yield entry.item, predictions

    def entry_predictions(self, buffer: Buffer) -> Iterator[tuple[Entry, list[Prediction]]]:
        """Each entry of a labelled buffer with its predictions."""
        given: dict[int, Prediction] = {}
        for reading in buffer.readings:
            if reading.target >= 0:
                self._answer(reading, given, buffer.entries)
        for entry in buffer.entries:
            item = entry.item
            if item.actor is not None:
                yield entry, [given[entry.row] if entry.row in given else self._missing(item, entry.reason)]
            elif entry.reading is not None:
                yield entry, list(self._predictions(entry.reading, item.id).values())
            else:
                yield entry, []

    def _missing(self, item: Item, reason: str) -> Prediction:
        return Prediction(
            item.text,
            item.actor or "",
            article_id=item.id,
            sentence_end=len(item.text),
            model=self.config.name,
            found=False,
            reason=reason,
            stance_labels=self.labels.stance,
        )

    def _answer(self, reading: Reading, given: dict[int, Prediction], entries: list[Entry]) -> None:
        a, b = reading.sentences[reading.target]
        for i, rows in reading.given.items():
            p = self._prediction(reading, i, reading.text[a:b], reading.mentions[i].actor, "", 0, a, b)
            for name in ("mention_start", "mention_end", "cue_start", "cue_end"):
                value = getattr(p, name)
                setattr(p, name, None if value is None else value - a)
            p.sentence_start, p.sentence_end = 0, b - a
            if i not in reading.stance:
                p.found, p.reason = False, "the mention holds no letter that the model reads"
            for n, row in enumerate(rows):  # the first mention of several speaks for the row
                if row not in given or not given[row].found:
                    given[row] = replace(p) if n else p
                    given[row].article_id = entries[row].item.id

    def _prediction(
        self, reading: Reading, i: int, sentence: str, actor: str, article_id: str, sentence_id: int, start: int, end: int
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
            stance_labels=self.labels.stance,
        )


def _prominence(actor: Actor) -> tuple[int, int, int]:
    """Actors with a position first, then those of most sentences, then in the order of the text."""
    return (actor.stance is None or actor.stance.lower() in NO_POSITION, -sum(actor.stances.values()), actor.mentions[0].start)


def _runtime(checkpoint: Checkpoint, device: str) -> Runtime:
    if device == "cpu":
        return OnnxRuntime(checkpoint)
    from stance.torch_runtime import TorchRuntime

    return TorchRuntime(checkpoint, device)


def load(
    model: str | os.PathLike[str] | None = None,
    threads: int = 0,
    min_confidence: float = 0.0,
    device: str = "cpu",
    precision: str | None = None,
) -> StanceClassifier:
    """A classifier from the shipped model (default), a model folder or a name on the Hugging Face hub.

    ``precision``: *int8* or *float32*, of those that the folder has; the one of its configuration unless given.
    Raises ``stance.CheckpointError``, in one line, if there is no such model or it is damaged, or no such device or precision.
    """
    if device != "cpu" and precision not in (None, "float32"):
        raise CheckpointError(f"on {device} a model runs in float32; leave precision {precision} out")
    checkpoint = Checkpoint.open(Path(find(model)), SCORING_FILES if device == "cpu" else (CONFIG, TOKENIZER, WEIGHTS))
    if device == "cpu":  # torch runs the weights, in float32
        checkpoint = checkpoint.with_precision(precision)
    return StanceClassifier(checkpoint, threads, min_confidence, device)
