"""What training starts from: a stance model, or an encoder with new heads; and the label sets of the new model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from stance.checkpoint import CONFIG, TOKENIZER, WEIGHTS, Checkpoint, CheckpointError
from stance.checkpoint import find as find_checkpoint
from stance.encoding import SentenceEncoder
from stance.labels import HEADS, SENTIMENTS, STANCES, LabelSet
from stance.training.card import LOG
from stance.training.finetuning.recipe import Recipe
from stance.training.finetuning.trainer import load_base
from stance.training.labelled.corpus import Document
from stance.training.labelled.tabular import TABLE, label_order
from stance.training.network import export
from stance.training.network.modeling import StanceNetwork


def label_set(documents: Iterable[Document], given: Mapping[str, Sequence[str]] | None = None) -> LabelSet:
    """Each head's labels: the given ones, else the data's. A head with fewer than two labels is off; the markup and the
    references have the project's labels. Raises ``ValueError`` where both heads are off."""
    found: dict[str, set[str]] = {head: set() for head in HEADS}
    for d in documents:
        for _, m in d.mentions():
            for head, project in (("stance", STANCES), ("sentiment", SENTIMENTS)):
                if label := getattr(m, head):
                    found[head] |= {label} if d.source == TABLE else {label, *project}
    sets = {head: tuple((given or {}).get(head) or label_order(head, found[head])) for head in HEADS}
    if all(len(labels) < 2 for labels in sets.values()):
        only = ", ".join(f"{head} {labels[0]!r}" for head, labels in sets.items() if labels) or "none"
        raise ValueError(f"the data has too few labels to learn from ({only}): a head needs two or more")
    return LabelSet(**{head: labels if len(labels) > 1 else () for head, labels in sets.items()})


def start(recipe: Recipe, labels: LabelSet | None = None) -> tuple[StanceNetwork, SentenceEncoder]:
    """The network and the sentence encoder that a recipe starts from.

    Of a stance model all goes on; where ``labels`` are others than its own, the last layer of that head starts anew. An encoder
    of transformers gets new heads. Raises ``ValueError``.
    """
    folder = stance_folder(recipe.base)
    if folder is None:
        encoder, tokens = load_base(recipe.base, recipe.max_tokens, recipe.context_tokens)
        return StanceNetwork(encoder, labels or LabelSet(), dropout=recipe.dropout), tokens
    try:
        checkpoint = Checkpoint.open(folder, (CONFIG, WEIGHTS, TOKENIZER))
    except CheckpointError as error:
        raise ValueError(str(error)) from None
    network, c = export.load_network(checkpoint), checkpoint.config
    if labels is not None and labels != network.labels:
        network = relabelled(network, labels)
    return network, SentenceEncoder.from_file(folder / TOKENIZER, max_tokens=c.max_tokens, context_tokens=c.context_tokens)


def relabelled(network: StanceNetwork, labels: LabelSet) -> StanceNetwork:
    """The network with other label sets: the last layer of a head whose labels change is new, all else as it was."""
    new = StanceNetwork(network.encoder, labels, network.objective)
    changed = tuple(f"spans.{head}.4." for head in HEADS if getattr(labels, head) != getattr(network.labels, head))
    kept = {name: w for name, w in network.state_dict().items() if not name.startswith(changed or "/")}
    new.load_state_dict(kept, strict=False)
    return new


def stance_folder(base: str) -> Path | None:
    """The folder of a base that is a stance model; None for an encoder of transformers."""
    if base == "default":
        return find_checkpoint(None)
    folder = Path(base)
    if (folder / CONFIG).is_file() and '"labels"' in (folder / CONFIG).read_text(encoding="utf-8", errors="replace"):
        return folder
    return None


def earlier_logs(base: Path | None) -> list[dict[str, Any]]:
    """What the model that training starts from was trained on, the first run first."""
    if base is None or not (base / LOG).is_file():
        return []
    try:
        log = json.loads((base / LOG).read_text(encoding="utf-8"))
    except ValueError:
        raise ValueError(f"{base / LOG} is damaged; delete it (the model's history is then not in the new card)") from None
    return [*log.pop("earlier", []), log]
