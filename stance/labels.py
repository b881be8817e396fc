"""The labels, and the label set that a checkpoint declares."""

from __future__ import annotations

from dataclasses import dataclass

STANCES = ("confirming", "warning", "denying", "unknown")
SENTIMENTS = ("negative", "neutral", "positive")
HEADS = ("stance", "sentiment")


@dataclass(frozen=True)
class LabelSet:
    """The names of a checkpoint's classes, in the order of its logits. An empty tuple: that head is not trained."""

    stance: tuple[str, ...] = STANCES
    sentiment: tuple[str, ...] = SENTIMENTS

    @classmethod
    def from_config(cls, config: dict) -> LabelSet:
        return cls(tuple(config["stance"]), tuple(config["sentiment"]))

    def to_config(self) -> dict:
        return {"stance": list(self.stance), "sentiment": list(self.sentiment)}
