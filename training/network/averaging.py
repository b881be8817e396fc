"""One model from several runs of a recipe: the mean of their weights (model soups, Wortsman et al., ICML 2022).

python -m stance.training.network.averaging runs/a runs/b --corpora corpora/ --output models/default

The runs must start from the same weights: apart from that start they differ in seed, epochs or data.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from stance.checkpoint import CONFIG, TOKENIZER, WEIGHTS, Checkpoint
from stance.encoding import SentenceEncoder
from stance.training.card import LOG, write_card
from stance.training.finetuning.trainer import measure
from stance.training.labelled import sources
from stance.training.network import calibration, export
from stance.training.network.dataset import Collator, Example, examples


def average(folders: list[Path], corpora: Path | None, output: Path) -> None:
    """Average the weights of model folders into ``output``, calibrated, exported and measured as their recipe says.

    Raises ``ValueError`` where the folders are not runs of one network.
    """
    checkpoints = [Checkpoint.open(folder, (CONFIG, WEIGHTS, TOKENIZER)) for folder in folders]
    first = checkpoints[0]
    for other in checkpoints[1:]:
        if (other.config.labels, other.config.encoder) != (first.config.labels, first.config.encoder):
            raise ValueError(f"{other.folder} is another network than {first.folder}: labels or encoder differ")
    logs = [_log(folder) for folder in folders]
    network = export.load_network(first)
    states = [export.load_network(c).state_dict() for c in checkpoints]
    network.load_state_dict({name: sum(s[name] for s in states) / len(states) for name in states[0]})
    recipe, c = logs[0]["recipe"], first.config
    encoder = SentenceEncoder.from_file(first.folder / TOKENIZER, max_tokens=c.max_tokens, context_tokens=c.context_tokens)

    def read(names: list[str]) -> dict[str, list[Example]]:
        return {n: examples(sources.load(n, corpora), encoder, c.before, c.after, bare=0) for n in names}

    development = read(recipe["development"])
    fitted_on = {head: list(read(names).values()) for head, names in recipe.get("calibration", {}).items()}
    temperatures, biases = calibration.fit(network, fitted_on or dict.fromkeys(calibration.HEADS, list(development.values())))
    export.save(network, encoder, replace(c, temperatures=temperatures, biases=biases), output, recipe["precision"])
    log: dict[str, Any] = logs[0] | {
        "averaged_with": [{k: v for k, v in other.items() if k != "earlier"} for other in logs[1:]],
        "development": {name: measure(network, items, Collator(network.labels)) for name, items in development.items()},
        "temperatures": temperatures,
        "biases": biases,
    }
    (output / LOG).write_text(json.dumps(log, indent=1) + "\n", encoding="utf-8")
    write_card(output, log)


def _log(folder: Path) -> dict[str, Any]:
    try:
        return json.loads((folder / LOG).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ValueError(f"{folder / LOG} cannot be read; average models that stance train made") from None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="+", help="model folders; one alone is calibrated and exported anew")
    parser.add_argument("--corpora", type=Path, help="the folder of the public corpora")
    parser.add_argument("--output", "-o", type=Path, required=True)
    args = parser.parse_args()
    try:
        average(args.models, args.corpora, args.output)
    except (ValueError, OSError) as error:
        sys.exit(f"stance: {error}")


if __name__ == "__main__":
    main()
