"""Training throughput: ``stance train`` beside a bare PyTorch loop with the same network, batches, precision and threads.

python benchmarks/training.py

The two take turns, and the median of the turns counts, since other work on a machine comes and goes. Windows are those of the
written articles' sentences; loading, evaluation, calibration and export are left out of both.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch
from transformers import TrainerCallback, set_seed

from stance.training.finetuning import recipe as recipes
from stance.training.finetuning.starting_point import start
from stance.training.finetuning.trainer import LikeLengthSampler, arguments, trainer_of
from stance.training.labelled.corpus import articles, splits
from stance.training.network.dataset import Collator, examples


class Clock(TrainerCallback):
    """Seconds from the first step to the last."""

    def on_train_begin(self, *args, **kwargs):
        self.begun = time.perf_counter()

    def on_train_end(self, *args, **kwargs):
        self.seconds = time.perf_counter() - self.begun


def bare(network, items, recipe) -> float:
    """The loop as a tutorial has it: forward, backward, clip, step."""
    stage, collate = recipe.stages[0], Collator(network.labels, network.encoder.config.pad_token_id or 0)
    bf16 = arguments(recipe, stage, Path("."), len(items)).bf16
    optimizer = torch.optim.AdamW(network.parameters(), lr=stage.rate, fused=True)
    order = list(LikeLengthSampler([len(e.window) for e in items], stage.batch, recipe.seed))
    network.train()
    begun = time.perf_counter()
    for k in range(0, len(order), stage.batch):
        batch = collate([items[i] for i in order[k : k + stage.batch]])
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss = network(**batch)["loss"]
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    return time.perf_counter() - begun


def ours(network, items, recipe) -> float:
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        trainer = trainer_of(network, recipe, recipe.stages[0], items, {}, Path(folder), checkpoints=False)
        trainer.add_callback(clock)
        trainer.train()
    return clock.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=640)
    parser.add_argument("--turns", type=int, default=5)
    args = parser.parse_args()
    recipe = recipes.load("finetune")
    recipe = replace(recipe, stages=(replace(recipe.stages[0], epochs=1.0, rehearsal=0.0),))
    set_seed(1)
    network, encoder = start(recipe)
    documents = splits(articles())["train"]
    for d in documents:  # one labelled sentence is a window of its own, as rows of a table are
        d.labelled = dict(list(d.labelled.items())[::2])
    items = examples(documents, encoder, bare=100)[: args.windows]
    rates = {"bare": [], "ours": []}
    bare(copy.deepcopy(network), items[:64], recipe)
    for _ in range(args.turns):
        for name, run in (("bare", bare), ("ours", ours)):
            rates[name].append(len(items) / run(copy.deepcopy(network), items, recipe))
    print(f"{len(items)} windows, {torch.get_num_threads()} threads, median of {args.turns} turns")
    print(f"bare PyTorch loop  {statistics.median(rates['bare']):.1f} windows a second")
    print(f"stance train       {statistics.median(rates['ours']):.1f} windows a second")
    print(f"ratio              {statistics.median(b / a for a, b in zip(rates['bare'], rates['ours'], strict=True)):.2f}")


if __name__ == "__main__":
    main()
