"""``stance train``: a recipe and labelled text -> a model folder with its card and its log.

Several processes: ``torchrun --nproc-per-node 2 -m stance.training.finetune DATA -o MODEL``, or ``accelerate launch -m``
likewise; the arguments are those of ``stance train``.
"""

from __future__ import annotations

import json
import logging
import platform
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import set_seed

import stance
from stance.checkpoint import CONFIG, Config
from stance.labels import HEADS
from stance.training import evaluation
from stance.training.card import LOG, RECIPE, write_card
from stance.training.finetuning import hyperparameters, learning_curve
from stance.training.finetuning import recipe as recipes
from stance.training.finetuning.processes import connect, from_main, is_main, say, world_size
from stance.training.finetuning.recipe import Recipe
from stance.training.finetuning.resume import is_interrupted, open_run
from stance.training.finetuning.stages import run_stage
from stance.training.finetuning.starting_point import earlier_logs, stance_folder, start
from stance.training.finetuning.teaching import Teaching, own_teaching, prepared, recipe_teaching, stage_examples
from stance.training.finetuning.trainer import measure, resolve_base
from stance.training.labelled import summary
from stance.training.labelled.tabular import Columns, LabelledTable
from stance.training.network import calibration, export
from stance.training.network.dataset import Collator


def train(
    recipe_name: str,
    output: Path,
    data: Sequence[str | Path],
    corpora: Path | None,
    changes: dict[str, Any],
    threads: int = 0,
    *,
    columns: Columns | None = None,
    development: Sequence[str | Path] = (),
    test: Sequence[str | Path] = (),
    strict: bool = False,
    dry_run: bool = False,
    trials: int = 0,
    curve: bool = False,
    restart: bool = False,
) -> None:
    """Train as a recipe says, save the model to ``output``. Raises ``ValueError`` in one line for what a user can mend.

    ``data``: a user's own labelled text, else the recipe's sources. ``development``, ``test``: more of it, to choose and stop by
    and to measure on. ``strict``: a row that would be left out is an error. ``dry_run``: only say what was read. ``trials``: so
    many settings are tried first. ``curve``: train on parts of the data too. ``restart``: give up an interrupted run.
    """
    if output.exists() and any(output.iterdir()) and not (output / CONFIG).is_file() and not is_interrupted(output):
        raise ValueError(f"{output} is a folder with other things in it; give a new one with --output")
    if threads:
        torch.set_num_threads(threads)
    logging.getLogger("transformers").setLevel(logging.ERROR)
    transformers.utils.logging.disable_progress_bar()  # of loading the weights
    connect()
    # Data before model: what is wrong with it is said at once.
    if data:
        recipe, teaching = own_teaching(recipe_name, data, corpora, changes, columns, development, test)
        told = summary.lines(teaching.own, teaching.sets(), teaching.labels)
        say(f"recipe {recipe.name}, base {recipe.base}", *told)
        if strict:
            summary.strictly(teaching.own.left_out)
    else:
        recipe = recipes.load(recipe_name).changed(changes)
        teaching = recipe_teaching(recipe, corpora)
    if not teaching.development:
        say("too few articles to hold one out: the model is not measured while it is trained")
    if (trials or curve) and not teaching.development:
        raise ValueError("trials and learning curves are measured on development data; give it with --development FILE")
    base = stance_folder(recipe.base)
    if base is None:
        resolve_base(recipe.base)
    earlier = earlier_logs(base)
    if dry_run:
        return
    writable(output)
    found = []
    if trials:
        recipe, found = hyperparameters.search(recipe, teaching, trials)
    fit(recipe, teaching, output, earlier, restart, found)
    if curve and is_main():
        learning_curve.write(recipe, teaching, output / "learning_curve")
        say(f"saved {output / 'learning_curve.png'}")


def fit(
    recipe: Recipe,
    teaching: Teaching,
    output: Path,
    earlier: list[dict[str, Any]],
    restart: bool = False,
    trials: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Train every stage, or those that an interrupted run has not; then calibrate, export, measure, write log and card."""
    versions = {"python": platform.python_version(), "torch": torch.__version__, "transformers": transformers.__version__}
    versions["stance"] = stance.__version__
    about = {"recipe": recipe.to_dict(), "data": teaching.fingerprint(), "versions": versions, "processes": world_size()}
    run = None
    problem = None
    if is_main():
        try:
            run = open_run(output, about, restart)
        except ValueError as error:
            problem = str(error)
    run, problem = from_main((run, problem))
    if problem:
        raise ValueError(problem)
    if run.resumed:
        say(f"going on with the run that was interrupted in {output}")
    begun = time.time()
    set_seed(recipe.seed)
    network, encoder = start(recipe, teaching.labels)
    dev = {name: prepared(documents, encoder, recipe) for name, documents in teaching.development.items()}
    history, counts = [], {}
    for number, (stage, documents) in enumerate(zip(recipe.stages, teaching.stages, strict=True)):
        items, counted = stage_examples(stage, documents, encoder, recipe)
        counts |= counted
        if done := run.finished_stage(number, stage.name):
            network.load_state_dict(done[0])
            history += done[1]
            continue
        told = ", ".join(f"{k.split('/')[1]} {v['mentions']} mentions" for k, v in counted.items())
        say(f"{stage.name}: {len(items)} windows, {told}")
        log = run_stage(network, recipe, number, items, dev, run)
        if is_main():
            run.finish_stage(number, stage.name, network.state_dict(), log)
        history += log
    if not is_main():
        return
    fitted_on = {head: [prepared(d, encoder, recipe) for d in found] for head, found in teaching.calibration.items()}
    temperatures, biases = calibration.fit(network, fitted_on or dict.fromkeys(HEADS, list(dev.values())))
    limits = (encoder.max_tokens, encoder.context_tokens, recipe.before, recipe.after)
    config = Config(recipe.name, network.labels, *limits, temperatures, biases)
    export.save(network, encoder, config, output, recipe.precision)
    log = {
        "recipe": recipe.to_dict(),
        "labels": network.labels.to_config(),
        "sources": counts,
        "data": {"sha256": about["data"], **read_files(teaching.own)},
        "seconds": round(time.time() - begun),
        "history": history,
        "trials": list(trials),
        "development": {name: measure(network, items, Collator(network.labels)) for name, items in dev.items()},
        "figures": figures(output, teaching) if teaching.own else {},
        "temperatures": temperatures,
        "biases": biases,
        "versions": versions,
        "earlier": earlier,
    }
    (output / LOG).write_text(json.dumps(log, indent=1) + "\n", encoding="utf-8")
    recipes.save(recipe, output / RECIPE)
    write_card(output, log)
    run.close()
    say(*figure_lines(log["figures"]), f"saved {output}")


def figures(output: Path, teaching: Teaching) -> dict[str, dict[str, Any]]:
    """The saved model's scores on what it did not learn from, as a user will have them: set -> head -> ``head_metrics``."""
    classifier = stance.load(output)
    found = {}
    for name, documents in (teaching.development | teaching.test).items():
        if any(True for d in documents for _ in d.mentions()):
            heads = evaluation.evaluate_classifier(classifier, name, documents).heads
            kept = ("rows", "articles", "metrics", "labels", "label_order", "confusion")
            found["development" if name == "data" else name] = {
                head: {k: v for k, v in evaluation.head_metrics(h).items() if k in kept} for head, h in heads.items()
            }
    return found


def figure_lines(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    lines = []
    for name, heads in found.items():
        for head, h in heads.items():
            f1 = h["metrics"]["macro_f1"]
            interval = f"95% interval {f1['low']:.3f} to {f1['high']:.3f}"
            lines.append(f"{name}: {head} macro-F1 {f1['value']:.3f} ({interval}), {h['rows']} mentions")
    return lines


def read_files(own: LabelledTable | None) -> dict[str, Any]:
    """What a card says of the files that were read."""
    if own is None:
        return {}
    return {"files": [Path(f).name for f in own.columns], "rows": own.rows, "left_out": len(own.left_out)}


def writable(output: Path) -> None:
    """An output that cannot be written is found now, not after hours. Raises ``ValueError``."""
    try:
        output.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=output):
            pass
    except OSError as error:
        raise ValueError(f"{output} cannot be written: {error.strerror}") from None


if __name__ == "__main__":
    from stance.cli import main

    sys.argv[1:1] = ["train"]
    main()
