"""``stance agreement``: annotators' labels of the same sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from stance.cli.app import app
from stance.cli.console import examples, guarded, training_module


@app.command(
    epilog=examples(
        "stance agreement first.jsonl second.jsonl",
        "stance agreement anna.csv ben.csv chen.csv --disagreements disagreements.tsv",
    )
)
def agreement(
    annotators: Annotated[list[Path], typer.Argument(help="A file of labels an annotator, two or more.")],
    disagreements: Annotated[
        Optional[Path],
        typer.Option(help="Write what they disagree on here, side by side, tab-separated.", show_default=False),
    ] = None,
) -> None:
    """Say how far annotators agree: Krippendorff's alpha, Cohen's and Fleiss' kappa."""
    module = training_module("agreement")
    guarded(lambda: module.run(annotators, disagreements))
