"""Which of a network's parameters are trained, and how fast: freezing, adapters, a rate a layer."""

from __future__ import annotations

import torch
from torch import nn

from stance.training.network.modeling import StanceNetwork


def layer_of(name: str, layers: int) -> int:
    """The depth of an encoder's parameter by its name: 0 the embeddings, 1 to ``layers`` the layers, from the bottom."""
    number = next((int(part) for part in name.split(".") if part.isdigit()), None)
    # What belongs to no layer and is no embedding (a last norm, relative positions) goes with the top.
    return 0 if "embeddings" in name else layers if number is None else min(number + 1, layers)


def freeze(network: StanceNetwork, what: str) -> None:
    """``what``: *nothing*, *embeddings*, *encoder*, or a number of layers from the bottom, the embeddings with them."""
    layers = network.encoder.config.num_hidden_layers
    highest = {"nothing": -1, "embeddings": 0, "encoder": layers}.get(what)
    highest = min(int(what), layers) if highest is None else highest
    for name, parameter in network.encoder.named_parameters():
        parameter.requires_grad = layer_of(name, layers) > highest


def add_adapters(network: StanceNetwork, rank: int) -> None:
    """Low-rank adapters in every linear layer of the encoder, whose own weights are frozen (LoRA, Hu et al. 2022)."""
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=rank, lora_alpha=2 * rank, lora_dropout=0.05, target_modules="all-linear")
    network.encoder = get_peft_model(network.encoder, config)


def merge_adapters(network: StanceNetwork) -> None:
    """Make adapters part of the weights that they were added to; without adapters nothing changes."""
    if hasattr(network.encoder, "merge_and_unload"):
        network.encoder = network.encoder.merge_and_unload()
    for parameter in network.parameters():
        parameter.requires_grad = True


def parameter_groups(
    network: nn.Module, layers: int, rate: float, head_rate: float, layer_decay: float, weight_decay: float
) -> list[dict]:
    """The optimiser's groups: the top layer at ``rate``, each one below ``layer_decay`` times that above, the heads at
    ``head_rate`` times ``rate``; no weight decay on biases and norms."""
    groups: dict[tuple[float, float], list[torch.Tensor]] = {}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            factor = layer_decay ** (layers - layer_of(name, layers)) if name.startswith("encoder.") else head_rate
            groups.setdefault((rate * factor, weight_decay if parameter.ndim > 1 else 0.0), []).append(parameter)
    return [{"params": p, "lr": lr, "weight_decay": decay} for (lr, decay), p in groups.items()]
