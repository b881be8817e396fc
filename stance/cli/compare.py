"""``stance compare``: models on the same rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from stance.cli.app import app
from stance.cli.columns import reads_table
from stance.cli.console import examples, guarded, training_module


@app.command(
    epilog=examples(
        "stance compare my-model default labelled.csv",
        "stance compare default baseline:tfidf baseline:lexicon my-articles/ --reference default",
        "stance compare runs/a/predictions.parquet runs/b/predictions.parquet",
        "stance compare scores/predictions.parquet -o comparison/",
    )
)
@reads_table
def compare(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL... [DATA]...",
            help="Models (folders, hub names, default), baselines and files of predictions with true labels; then the labelled "
            "text, unless all predictions are stored. The project's test subjects unless given.",
        ),
    ],
    reference: Annotated[
        Optional[str],
        typer.Option(help="Compare each with this one alone, instead of every pair.", show_default=False),
    ] = None,
    output: Annotated[
        Optional[Path],
        typer.Option("--output", "-o", help="A folder for report.html, report.md and metrics.json.", show_default=False),
    ] = None,
    corpora: Annotated[Optional[Path], typer.Option(help="The folder of the public corpora.", show_default=False)] = None,
    train: Annotated[
        Optional[list[Path]], typer.Option(help="What the baselines learn from; the project's unless given.", show_default=False)
    ] = None,
    samples: Annotated[int, typer.Option(min=100, help="Bootstrap samples for intervals and p.")] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed draws the same samples.")] = 0,
    threads: Annotated[int, typer.Option(min=0, help="Threads of the encoder; 0: one a core.")] = 0,
    *,
    columns: dict[str, Optional[str]],
) -> None:
    """Say which of several models is better on the same rows, and whether by more than chance.

    Paired bootstrap over articles and McNemar's test; p corrected for all pairs after Holm.
    """
    command = training_module("evaluation.command")
    guarded(lambda: command.compare(arguments, corpora, output, train or [], reference, samples, seed, threads, columns))
