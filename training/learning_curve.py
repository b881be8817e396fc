"""What more labels would bring: a recipe's last stage on growing parts of the labels on real news, measured on the gold.

python -m stance.training.learning_curve --corpora corpora/ --output training/learning_curve
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from transformers import set_seed

from stance.training import recipe as recipes
from stance.training import sources
from stance.training.corpus import share
from stance.training.dataset import Collator, examples
from stance.training.evaluation.plots import plot_learning_curve
from stance.training.finetune import run_stage, start
from stance.training.trainer import measure

GOLD = {"gold_polnear": "PolNeAR dev", "gold_persent": "PerSenT"}


def points(recipe: recipes.Recipe, corpora: Path, fractions: list[float], seeds: int) -> list[dict]:
    """Labelled mentions learnt from -> stance macro-F1 on each part of the development gold. Articles are left out whole."""
    documents = sources.labels(corpora)
    found = []
    for fraction in fractions:
        part = [d for d in documents if share(f"curve/{d.id}", 1000) < 1000 * fraction]
        for seed in range(1, seeds + 1):
            set_seed(seed)
            network, encoder = start(replace(recipe, seed=seed))
            gold = {name: examples(sources.load(name, corpora), encoder, recipe.before, recipe.after, bare=0) for name in GOLD}
            stage = replace(recipe.stages[-1], sources={"labels": 1.0})
            items = examples(part, encoder, recipe.before, recipe.after, stage.bare)
            run_stage(network, encoder, replace(recipe, seed=seed), stage, items, {})
            scores = {name: measure(network, made, Collator(network.labels))["stance_macro_f1"] for name, made in gold.items()}
            found.append({"mentions": sum(1 for d in part for _ in d.mentions()), "seed": seed, **scores})
            print(found[-1], flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder of the public corpora")
    parser.add_argument("--recipe", default="default")
    parser.add_argument("--fractions", type=float, nargs="+", default=[0.125, 0.25, 0.5, 1.0])
    parser.add_argument("--epochs", type=float, help="of the last stage, instead of the recipe's")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument(
        "--output", type=Path, default=Path("learning_curve"), help="without suffix: .json, .png and .svg are written"
    )
    args = parser.parse_args()
    recipe = recipes.load(args.recipe).changed({"epochs": args.epochs} if args.epochs else {})
    found = points(recipe, args.corpora, args.fractions, args.seeds)
    args.output.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    plot_learning_curve(found, GOLD, args.output)


if __name__ == "__main__":
    main()
