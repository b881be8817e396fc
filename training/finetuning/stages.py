"""A stage of a recipe, run on transformers' Trainer."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stance.training.finetuning.processes import say
from stance.training.finetuning.recipe import Recipe, Stage
from stance.training.finetuning.resume import Run
from stance.training.finetuning.trainer import trainer_of
from stance.training.network.dataset import Example
from stance.training.network.modeling import StanceNetwork
from stance.training.network.parameters import merge_adapters


def run_stage(
    network: StanceNetwork,
    recipe: Recipe,
    number: int,
    items: Sequence[Example],
    dev: dict[str, Sequence[Example]],
    run: Run | None = None,
) -> list[dict[str, Any]]:
    """Train ``network`` by the stage ``number`` of a recipe, from the last checkpoint of ``run`` if there is one; the log."""
    stage: Stage = recipe.stages[number]
    with tempfile.TemporaryDirectory() as scratch:
        folder = run.stage(number, stage.name) if run else Path(scratch)
        logs = run.folder.parent / "tensorboard" / stage.name if run and recipe.tensorboard else None
        trainer = trainer_of(network, recipe, stage, items, dev, folder, checkpoints=run is not None, tensorboard=logs)
        last = run.last_checkpoint(number, stage.name) if run else None
        if last:
            say(f"{stage.name}: from step {last.name.rpartition('-')[2]}")
        trainer.train(resume_from_checkpoint=str(last) if last else None)
        trainer.finish()
    merge_adapters(network)
    return [
        {"stage": stage.name, **{k: round(v, 5) if isinstance(v, float) else v for k, v in entry.items()}}
        for entry in trainer.state.log_history
    ]
