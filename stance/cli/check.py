"""``stance check``: what is wrong with labelled text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from stance.cli.app import app
from stance.cli.columns import reads_table
from stance.cli.console import examples, guarded, training_module


@app.command(
    epilog=examples(
        "stance check labelled.csv",
        "stance check train.csv dev.csv test.csv -o problems.csv",
        "stance check labelled.parquet --model my-model",
        "stance check my-articles/ --no-label-errors",
    )
)
@reads_table
def check(
    data: Annotated[
        Optional[list[Path]],
        typer.Argument(
            help="Labelled tables, articles in the markup, or references. Several are splits, and must share no sentence. "
            "The articles of the project unless given.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Optional[Path], typer.Option("--output", "-o", help="Write every problem here, as CSV.", show_default=False)
    ] = None,
    model: Annotated[
        Optional[str],
        typer.Option(
            "--model",
            "-m",
            help="Suspect labels by this model's probabilities (one that was not trained on DATA), or baseline:tfidf, "
            "cross-validated over articles. The shipped model unless given, if it has the labels; else baseline:tfidf.",
            show_default=False,
        ),
    ] = None,
    label_errors: Annotated[bool, typer.Option(help="Look for labels that are likely wrong.")] = True,
    corpora: Annotated[
        Optional[Path], typer.Option(help="The folder of the public corpora, for labels by reference.", show_default=False)
    ] = None,
    *,
    columns: dict[str, Optional[str]],
) -> None:
    """Find what is wrong with labelled text: unusable rows, contradictions, duplicates across splits, likely label errors.

    The exit code is 1 where something is certainly wrong; what is only suspected is no failure.
    """
    module = training_module("labelled.check")
    sound = []
    guarded(lambda: sound.append(module.run(data or [], corpora, columns, model, label_errors, output)))
    if not all(sound):
        raise typer.Exit(1)
