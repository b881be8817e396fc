"""What is fitted once training is over: a temperature and a bias for each label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from scipy.optimize import minimize
from scipy.special import log_softmax

from stance.labels import HEADS
from stance.training.network.dataset import Collator, Example
from stance.training.network.modeling import IGNORE, StanceNetwork

# Fewer rows than these say nothing.
LEAST_ROWS = 50
Scored = tuple[np.ndarray, np.ndarray]  # logits (N, K), labels (N,)


def fit(
    network: StanceNetwork, sets: Mapping[str, Sequence[Sequence[Example]]]
) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Temperatures and biases from labelled windows, some sets for each head: p = softmax((logits + bias) / temperature).

    Bias-corrected temperature scaling (Alexandari et al., ICML 2020): they make the labels likeliest, each set counting the same,
    however large. The biases are there because labels are not as frequent in what a network learns from as elsewhere.
    """
    temperatures, biases = {}, {}
    for head in HEADS:
        scored = [found for items in sets.get(head, ()) if (found := head_logits(network, items).get(head))]
        scored = [found for found in scored if len(found[1]) >= LEAST_ROWS]
        temperature, bias = fit_head(scored, len(getattr(network.labels, head)))
        temperatures[head], biases[head] = round(temperature, 4), [round(float(b), 4) for b in bias]
    return temperatures, biases


@torch.inference_mode()
def head_logits(network: StanceNetwork, items: Sequence[Example]) -> dict[str, Scored]:
    """Logits and labels of the labelled mentions of some windows, for each head."""
    network.eval()
    collate = Collator(network.labels, network.encoder.config.pad_token_id or 0)
    device = next(network.parameters()).device
    found: dict[str, list[Scored]] = {head: [] for head in HEADS}
    ordered = sorted(items, key=lambda e: len(e.window))
    for k in range(0, len(ordered), 32):
        batch = collate(ordered[k : k + 32])
        inputs = {name: batch[name].to(device) for name in ("input_ids", "attention_mask", "window", "mention", "sentence")}
        out = network(**inputs)
        for head in HEADS:
            known = batch[f"{head}_labels"] != IGNORE
            found[head].append((out[head].cpu()[known].double().numpy(), batch[f"{head}_labels"][known].numpy()))
    empty = (np.zeros((0, 1)), np.zeros(0, dtype=np.int64))
    return {
        head: tuple(np.concatenate(part) for part in zip(*parts, strict=True)) if parts else empty
        for head, parts in found.items()
    }


def fit_head(sets: Sequence[Scored], size: int) -> tuple[float, np.ndarray]:
    """The temperature and the biases (``size``,) of one head, from the logits and labels of some sets; 1 and 0 without any."""
    if not sets or size < 2:
        return 1.0, np.zeros(size)

    def nll(parameters: np.ndarray) -> float:
        losses = []
        for logits, truth in sets:
            z = (logits + parameters[1:]) / np.exp(parameters[0])
            losses.append(-log_softmax(z, axis=-1)[np.arange(len(truth)), truth].mean())
        # Without a little weight on them, a label that the sets lack would be pushed out of reach.
        return float(np.mean(losses)) + 1e-3 * float((parameters**2).sum())

    found = minimize(nll, np.zeros(1 + size), method="L-BFGS-B").x
    return float(np.exp(found[0])), found[1:] - found[1:].mean()
