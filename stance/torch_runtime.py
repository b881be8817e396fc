"""Token ids -> hidden states -> logits, on torch: for a GPU.

It reads the weights (``model.safetensors``) and runs the network that training does, in float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from stance.checkpoint import Checkpoint, CheckpointError
from stance.encoding import Window
from stance.runtime import EncodedBatch, SpanScores, pad


class TorchRuntime:
    """A checkpoint's network on a device of torch. ``device``: cuda, cuda:1, mps, or torch-cpu. Float32 throughout.

    Raises ``CheckpointError`` if torch is not installed, there is no such device, or the weights are damaged.
    """

    batch_tokens = 32768
    head_tokens = 262144

    def __init__(self, checkpoint: Checkpoint, device: str):
        try:
            import torch

            from stance.training.network.export import load_network
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("stance"):
                raise
            raise CheckpointError(f"--device {device} needs {error.name}: pip install 'stance[gpu]'") from None
        self.torch = torch
        try:
            self.device = torch.device(device.removeprefix("torch-"))
            torch.zeros(1, device=self.device)
        except (RuntimeError, AssertionError, NotImplementedError) as error:
            reason = str(error).splitlines()[0][:120]
            raise CheckpointError(f"no device {device!r} here ({reason}); leave --device out to score on the CPU") from None
        self.network = load_network(checkpoint).to(self.device)

    def encode(self, windows: Sequence[Window], pad_id: int = 0) -> EncodedBatch:
        """Windows, padded to the longest -> hidden states on the device, and tags."""
        torch = self.torch
        ids, mask = (torch.from_numpy(a).to(self.device) for a in pad(windows, pad_id))
        with torch.inference_mode():
            hidden = self.network.hidden_states(ids, mask)
            tags = self.network.tags(hidden)
        return EncodedBatch(hidden, tags.cpu().numpy())

    def score(
        self, hidden: Sequence[Any], width: int, window: np.ndarray, mention: np.ndarray, sentence: np.ndarray
    ) -> SpanScores:
        torch = self.torch
        together = torch.cat([torch.nn.functional.pad(h, (0, 0, 0, width - h.shape[1])) for h in hidden])
        spans = (torch.from_numpy(a).to(self.device) for a in (window, mention, sentence))
        with torch.inference_mode():
            return SpanScores(*(out.cpu().numpy() for out in self.network.spans(together, *spans)))
