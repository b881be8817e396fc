"""Token ids -> hidden states -> logits, on onnxruntime."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from stance.checkpoint import SPAN_HEAD, Checkpoint, CheckpointError
from stance.encoding import Window

# A fusion of onnxruntime whose kernel is slower than its parts: a fifth of the encoder's time (``benchmarks/encoder.py``).
SLOWER_WITH = ["SkipLayerNormFusion"]


@dataclass(frozen=True)
class EncodedBatch:
    """The encoder's output for some windows: hidden states (B, T, H), an array of the runtime's own, and tag logits (B, T, 6)."""

    hidden: Any
    tags: np.ndarray


@dataclass(frozen=True)
class SpanScores:
    """The span head's output for M mentions: see ``stance.training.network.modeling.SpanHead``."""

    stance: np.ndarray
    sentiment: np.ndarray
    cue: np.ndarray
    links: np.ndarray


class Runtime(Protocol):
    """What runs a model. ``batch_tokens``: how many padded tokens one encoder pass takes; ``head_tokens``: how many (mention,
    token) pairs one pass of the span head takes."""

    batch_tokens: int
    head_tokens: int

    def encode(self, windows: Sequence[Window], pad_id: int = 0) -> EncodedBatch: ...

    def score(
        self, hidden: Sequence[Any], width: int, window: np.ndarray, mention: np.ndarray, sentence: np.ndarray
    ) -> SpanScores: ...


class OnnxRuntime:
    """The two graphs of a checkpoint, on one thread a call: several calls run side by side, which beats threads inside of one.

    A pass takes one window. The int8 graph scales its activations by the largest of all that a pass reads, so a window's
    numbers are then its own, whatever else is scored; and one window fits the caches: passes of 2,048 tokens are a third
    slower, passes of 128 a twentieth faster (``benchmarks/encoder.py``).
    """

    batch_tokens = 1
    head_tokens = 2048

    def __init__(self, checkpoint: Checkpoint):
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        sessions = []
        for name in (checkpoint.encoder, SPAN_HEAD):
            path = checkpoint.folder / name
            try:
                sessions.append(
                    ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOWER_WITH)
                )
            except Exception as error:  # onnxruntime raises classes of its own, one for each kind of damage
                reason = str(error).splitlines()[0][:160]
                raise CheckpointError(f"{path} is damaged ({reason}); copy the model again") from None
        self.encoder, self.heads = sessions
        self._check(checkpoint)

    def _check(self, checkpoint: Checkpoint) -> None:
        """The graphs are those of the configuration: their inputs, and one logit a label."""
        labels = checkpoint.config.labels
        wanted = {"stance": max(len(labels.stance), 1), "sentiment": max(len(labels.sentiment), 1)}
        sizes = {o.name: o.shape[-1] for o in self.heads.get_outputs()}
        if {i.name for i in self.encoder.get_inputs()} != {"input_ids", "attention_mask"} or any(
            sizes.get(k) != n for k, n in wanted.items()
        ):
            raise CheckpointError(
                f"{checkpoint.folder} is damaged: its graphs are not those of its labels; run stance export on it"
            )

    def encode(self, windows: Sequence[Window], pad_id: int = 0) -> EncodedBatch:
        """Windows, padded to the longest -> hidden states and tags."""
        ids, mask = pad(windows, pad_id)
        hidden, tags = self.encoder.run(["hidden", "tags"], {"input_ids": ids, "attention_mask": mask})
        return EncodedBatch(hidden, tags)

    def score(
        self, hidden: Sequence[np.ndarray], width: int, window: np.ndarray, mention: np.ndarray, sentence: np.ndarray
    ) -> SpanScores:
        """Mentions (``window`` (M,), ``mention`` and ``sentence`` (M, 2) token spans) in their windows, given as hidden states
        that are padded to ``width`` tokens here -> logits."""
        together = np.empty((sum(map(len, hidden)), width, hidden[0].shape[-1]), dtype=hidden[0].dtype)
        first = 0
        for h in hidden:
            end, tokens = first + len(h), h.shape[1]
            together[first:end, :tokens], together[first:end, tokens:] = h, 0
            first = end
        return SpanScores(
            *self.heads.run(
                ["stance", "sentiment", "cue", "links"],
                {"hidden": together, "window": window, "mention": mention, "sentence": sentence},
            )
        )


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pad(windows: Sequence[Window], pad_id: int) -> tuple[np.ndarray, np.ndarray]:
    """Token ids and attention mask of windows, both (B, T) int64."""
    if len(windows) == 1:
        return windows[0].ids[None], np.ones((1, len(windows[0])), dtype=np.int64)
    width = max(map(len, windows))
    ids = np.full((len(windows), width), pad_id, dtype=np.int64)
    mask = np.zeros((len(windows), width), dtype=np.int64)
    for row, w in enumerate(windows):
        ids[row, : len(w)], mask[row, : len(w)] = w.ids, 1
    return ids, mask
