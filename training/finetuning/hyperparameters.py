"""``stance train --trials N``: rate, epochs and batch, searched by Optuna through the Trainer, chosen by development macro-F1."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import set_seed

from stance.training.finetuning.processes import say, world_size
from stance.training.finetuning.recipe import Recipe
from stance.training.finetuning.starting_point import start
from stance.training.finetuning.teaching import Teaching, prepared, stage_examples
from stance.training.finetuning.trainer import prepare, trainer_of

if TYPE_CHECKING:
    import optuna

BATCHES = (8, 16, 32)


def space(trial: optuna.Trial, recipe: Recipe) -> dict[str, Any]:
    """Around the recipe's last stage: a quarter to four times its rate, half to twice its epochs, three sizes of batch."""
    stage = recipe.stages[-1]
    return {
        "learning_rate": trial.suggest_float("learning_rate", stage.rate / 4, stage.rate * 4, log=True),
        "num_train_epochs": trial.suggest_int(
            "num_train_epochs", max(round(stage.epochs / 2), 1), max(round(stage.epochs * 2), 2)
        ),
        "per_device_train_batch_size": trial.suggest_categorical("per_device_train_batch_size", BATCHES),
    }


def search(recipe: Recipe, teaching: Teaching, trials: int) -> tuple[Recipe, list[dict[str, Any]]]:
    """Try ``trials`` settings of the last stage; the recipe with the best ones, and what each reached.

    Raises ``ValueError`` in several processes and for a recipe of several stages.
    """
    import optuna

    if world_size() > 1:
        raise ValueError("trials run in one process; search first, then train the recipe.yaml that it saves in several")
    if len(recipe.stages) > 1:
        raise ValueError(f"trials search a recipe of one stage; {recipe.name} has {len(recipe.stages)}")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    logging.getLogger("optuna").setLevel(logging.WARNING)
    stage = recipe.stages[-1]
    network, encoder = start(recipe, teaching.labels)
    items, _ = stage_examples(stage, teaching.stages[-1], encoder, recipe)
    development = {name: prepared(documents, encoder, recipe) for name, documents in teaching.development.items()}

    def fresh():
        set_seed(recipe.seed)
        return prepare(start(recipe, teaching.labels)[0], stage, items)

    found: list[dict[str, Any]] = []

    def objective(metrics: Mapping[str, float]) -> float:
        """The best evaluation of the trial so far: the weights of that one are what ``patience`` keeps."""
        found[-1]["macro_f1"] = max(metrics["eval_macro_f1"], found[-1]["macro_f1"])
        return found[-1]["macro_f1"] if stage.patience else metrics["eval_macro_f1"]

    def suggested(trial: optuna.Trial) -> dict[str, Any]:
        values = space(trial, recipe)
        found.append({**_changes(values), "macro_f1": 0.0})
        told = ", ".join(f"{k} {v:.3g}" for k, v in _changes(values).items())
        say(f"trial {len(found)} of {trials}: {told}")
        return values

    with tempfile.TemporaryDirectory() as scratch:
        trainer = trainer_of(network, recipe, stage, items, development, Path(scratch), checkpoints=False, model_init=fresh)
        sampler = optuna.samplers.TPESampler(seed=recipe.seed)
        best = trainer.hyperparameter_search(
            suggested, objective, n_trials=trials, direction="maximize", backend="optuna", sampler=sampler
        )
    chosen = _changes(best.hyperparameters)
    say("the best: " + ", ".join(f"{k} {v:.3g}" for k, v in chosen.items()) + f", development macro-F1 {best.objective:.3f}")
    return recipe.changed(chosen), found


def _changes(values: Mapping[str, Any]) -> dict[str, Any]:
    """The Trainer's names -> the recipe's."""
    return {
        "rate": values["learning_rate"],
        "epochs": float(values["num_train_epochs"]),
        "batch": values["per_device_train_batch_size"],
    }
