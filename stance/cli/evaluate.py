"""``stance evaluate``: a model, measured on labelled text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from stance.cli.app import app
from stance.cli.console import examples, guarded, training_module


@app.command(
    epilog=examples(
        "stance evaluate --corpora corpora/",
        "stance evaluate my-model articles/ --output scores/",
        "stance evaluate baseline:lexicon training/data/dev_gold.jsonl --corpora corpora/",
    )
)
def evaluate(
    model: Annotated[
        str, typer.Argument(help="A model folder, a hub name, default, or baseline:majority, baseline:lexicon, baseline:tfidf.")
    ] = "default",
    data: Annotated[
        Optional[list[Path]],
        typer.Argument(
            help="Labelled articles or references; the project's test subjects (and the real news, with --corpora) unless given.",
            show_default=False,
        ),
    ] = None,
    corpora: Annotated[Optional[Path], typer.Option(help="The folder of the public corpora.", show_default=False)] = None,
    output: Annotated[
        Optional[Path], typer.Option("--output", "-o", help="A folder for metrics.json and report.md.", show_default=False)
    ] = None,
    baselines: Annotated[bool, typer.Option(help="Print the baselines beside the model.")] = True,
    card: Annotated[
        bool, typer.Option("--card", help="Write the scores into the model's card, README.md of its folder.")
    ] = False,
) -> None:
    """Measure a model on labelled text, beside the majority class, a cue lexicon and TF-IDF."""
    evaluation = training_module("evaluation")
    guarded(lambda: evaluation.run(model, data or [], corpora, output, baselines, card))
