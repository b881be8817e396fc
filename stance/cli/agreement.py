"""``stance agreement``: annotators' labels of the same sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from stance.cli.app import app
from stance.cli.columns import reads_table
from stance.cli.console import examples, guarded, training_module


@app.command(
    epilog=examples(
        "stance agreement first.jsonl second.jsonl",
        "stance agreement anna.csv ben.csv chen.csv --disagreements disagreements.tsv",
    )
)
@reads_table
def agreement(
    annotators: Annotated[
        list[Path], typer.Argument(help="A labelled table, or labels by reference, for each annotator; two or more.")
    ],
    disagreements: Annotated[
        Optional[Path],
        typer.Option(help="Write what they disagree on here, side by side, tab-separated.", show_default=False),
    ] = None,
    corpora: Annotated[
        Optional[Path],
        typer.Option(help="The folder of the public corpora, should the labels need its text.", show_default=False),
    ] = None,
    *,
    columns: dict[str, Optional[str]],
) -> None:
    """Say how far annotators agree: Krippendorff's alpha, Cohen's and Fleiss' kappa."""
    module = training_module("labelled.agreement")
    guarded(lambda: module.run(annotators, disagreements, corpora, columns))
