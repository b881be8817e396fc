"""``stance train``: a recipe and labelled text -> a model folder with its card and its log."""

from __future__ import annotations

import json
import logging
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import set_seed

from stance.checkpoint import CONFIG, TOKENIZER, WEIGHTS, Checkpoint, CheckpointError, Config
from stance.checkpoint import find as find_checkpoint
from stance.encoding import SentenceEncoder
from stance.labels import LabelSet
from stance.training import calibration, export, sources
from stance.training import recipe as recipes
from stance.training.card import LOG, write_card
from stance.training.corpus import Document
from stance.training.dataset import Collator, Example, ExampleDataset, examples
from stance.training.modeling import LossWeights, StanceNetwork
from stance.training.recipe import Recipe, Stage
from stance.training.trainer import StanceTrainer, arguments, load_base, measure


def train(
    recipe_name: str, output: Path, data: list[Path], corpora: Path | None, changes: dict[str, Any], threads: int = 0
) -> None:
    """Train as a recipe says, save the model to ``output``. Raises ``ValueError`` in one line for what a user can mend."""
    if output.exists() and any(output.iterdir()) and not (output / CONFIG).is_file():
        raise ValueError(f"{output} is a folder with other things in it; give a new one with --output")
    recipe = recipes.load("finetune" if data and recipe_name == "default" else recipe_name)
    recipe = recipe.changed(changes)
    earlier = earlier_logs(_stance_folder(recipe.base))
    own: list[Document] = sources.read_paths(data, corpora) if data else []
    if data and not any(True for d in own for _ in d.mentions()):
        raise ValueError("the data holds no labelled mention")
    if threads:
        torch.set_num_threads(threads)
    logging.getLogger("transformers").setLevel(logging.ERROR)
    set_seed(recipe.seed)
    # Data before model: what is wrong with it is said at once.
    if data:
        taught = [d for d in own if not sources.held_out(d)]
        held = [d for d in own if sources.held_out(d)]
        if not taught:  # a single article, say: it is better learnt from than measured on
            taught, held = own, []
        development = {"data": held} if held else {}
        teaching = [{"data": taught} for _ in recipe.stages]
        calibrating = {}
    else:
        development = {name: found for name in recipe.development if (found := sources.load(name, corpora))}
        teaching = [{name: sources.load(name, corpora) for name in stage.sources} for stage in recipe.stages]
        calibrating = {head: [sources.load(name, corpora) for name in names] for head, names in recipe.calibration.items()}
    try:  # an output that cannot be written is found now, not after hours
        output.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=output):
            pass
    except OSError as error:
        raise ValueError(f"{output} cannot be written: {error.strerror}") from None
    if not development:
        print("too few articles to hold one out: the model is not measured while it is trained", file=sys.stderr)
    network, encoder = start(recipe)
    dev = {name: examples(documents, encoder, recipe.before, recipe.after, bare=0) for name, documents in development.items()}
    begun, history, counts = time.time(), [], {}
    for stage, documents in zip(recipe.stages, teaching, strict=True):
        items: list[Example] = []
        for name, found in documents.items():
            weight = stage.sources.get(name, 1.0)
            made = examples(found, encoder, recipe.before, recipe.after, stage.bare, weight)
            counts[f"{stage.name}/{name}"] = _count(found, made)
            items += made
        print(
            f"{stage.name}: {len(items)} windows, "
            + ", ".join(
                f"{k.split('/')[1]} {v['mentions']} mentions" for k, v in counts.items() if k.startswith(stage.name + "/")
            ),
            file=sys.stderr,
        )
        history += run_stage(network, encoder, recipe, stage, items, dev)
    fitted_on = {
        head: [examples(documents, encoder, recipe.before, recipe.after, bare=0) for documents in found]
        for head, found in calibrating.items()
    }
    temperatures, biases = calibration.fit(network, fitted_on or dict.fromkeys(calibration.HEADS, list(dev.values())))
    config = Config(
        recipe.name, network.labels, encoder.max_tokens, encoder.context_tokens, recipe.before, recipe.after, temperatures, biases
    )
    export.save(network, encoder, config, output, recipe.precision)
    log = {
        "recipe": recipe.to_dict(),
        "sources": counts,
        "seconds": round(time.time() - begun),
        "history": history,
        "development": {name: measure(network, items, Collator(network.labels)) for name, items in dev.items()},
        "temperatures": temperatures,
        "biases": biases,
        "versions": {"python": platform.python_version(), "torch": torch.__version__, "transformers": transformers.__version__},
        "earlier": earlier,
    }
    (output / LOG).write_text(json.dumps(log, indent=1) + "\n", encoding="utf-8")
    write_card(output, log)
    print(f"saved {output}", file=sys.stderr)


def earlier_logs(base: Path | None) -> list[dict[str, Any]]:
    """What the model that training starts from was trained on, the first run first."""
    if base is None or not (base / LOG).is_file():
        return []
    try:
        log = json.loads((base / LOG).read_text(encoding="utf-8"))
    except ValueError:
        raise ValueError(f"{base / LOG} is damaged; delete it (the model's history is then not in the new card)") from None
    return [*log.pop("earlier", []), log]


def start(recipe: Recipe) -> tuple[StanceNetwork, SentenceEncoder]:
    """The network that a recipe starts from: a stance model with its heads, or an encoder with new ones."""
    folder = _stance_folder(recipe.base)
    weights = LossWeights(**recipe.stages[-1].loss)
    if folder:
        try:
            checkpoint = Checkpoint.open(folder, (CONFIG, WEIGHTS, TOKENIZER))
        except CheckpointError as error:
            raise ValueError(str(error)) from None
        network = export.load_network(checkpoint, weights)
        c = checkpoint.config
        return network, SentenceEncoder.from_file(folder / TOKENIZER, max_tokens=c.max_tokens, context_tokens=c.context_tokens)
    encoder, tokens = load_base(recipe.base, recipe.max_tokens, recipe.context_tokens)
    return StanceNetwork(encoder, LabelSet(), weights, recipe.dropout), tokens


def _stance_folder(base: str) -> Path | None:
    if base == "default":
        return find_checkpoint(None)
    folder = Path(base)
    if (folder / CONFIG).is_file() and '"labels"' in (folder / CONFIG).read_text(encoding="utf-8", errors="replace"):
        return folder
    return None


def run_stage(
    network: StanceNetwork,
    encoder: SentenceEncoder,
    recipe: Recipe,
    stage: Stage,
    items: list[Example],
    dev: dict[str, list[Example]],
) -> list[dict[str, Any]]:
    """One stage on transformers' Trainer; returns its log."""
    network.weights = LossWeights(**stage.loss)
    network.smoothing = stage.label_smoothing
    network.stance_weights = torch.tensor(stage.stance_weights) if stage.stance_weights else None
    pad_id = network.encoder.config.pad_token_id or 0
    with tempfile.TemporaryDirectory() as scratch:
        args = arguments(
            Path(scratch),
            epochs=stage.epochs,
            rate=stage.rate,
            batch=stage.batch,
            seed=recipe.seed,
            warmup=stage.warmup,
            decay=stage.weight_decay,
            steps=int(len(items) / stage.batch * stage.epochs),
            bf16=recipe.bf16 and (torch.cuda.is_available() or _fast_bf16()),
            use_cpu=not torch.cuda.is_available(),
            disable_tqdm=not sys.stderr.isatty() or bool(os.environ.get("CI")),
        )
        trainer = StanceTrainer(
            model=network,
            args=args,
            train_dataset=ExampleDataset(items),
            data_collator=Collator(network.labels, pad_id),
            head_rate=stage.head_rate,
            layer_decay=stage.layer_decay,
            development=dev,
        )
        trainer.train()
    return [
        {"stage": stage.name, **{k: round(v, 5) if isinstance(v, float) else v for k, v in entry.items()}}
        for entry in trainer.state.log_history
    ]


def _fast_bf16() -> bool:
    """Whether the processor multiplies bfloat16 itself; elsewhere autocast would slow training down."""
    return bool(
        getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
        or getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)()
    )


def _count(documents: list[Document], made: list[Example]) -> dict[str, Any]:
    mentions = [m for d in documents for _, m in d.mentions()]
    return {
        "articles": len(documents),
        "windows": len(made),
        "mentions": len(mentions),
        "stance": dict(Counter(m.stance for m in mentions if m.stance)),
        "sentiment": dict(Counter(m.sentiment for m in mentions if m.sentiment)),
    }
