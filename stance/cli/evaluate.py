"""``stance evaluate``: a model, measured on labelled text."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from stance.cli.app import app
from stance.cli.columns import reads_table
from stance.cli.console import examples, guarded, training_module


@app.command(
    epilog=examples(
        "stance evaluate --corpora corpora/",
        "stance evaluate my-model labelled.csv -o scores/",
        "stance evaluate my-model labelled.csv --train train.csv --behaviour -o scores/",
        "stance evaluate scores/predictions.parquet -o again/",
        "stance evaluate baseline:tfidf labelled.csv --folds 10 --seeds 5",
        "stance evaluate default my-articles/ --tests shipped --tests mine.yaml",
    )
)
@reads_table
def evaluate(
    model: Annotated[
        str,
        typer.Argument(
            help="A model folder, a hub name, default, baseline:majority, baseline:lexicon, baseline:tfidf, or a file of "
            "predictions beside their true labels."
        ),
    ] = "default",
    data: Annotated[
        Optional[list[Path]],
        typer.Argument(
            help="Labelled articles, tables or references; the project's test subjects (and the real news, with --corpora) "
            "unless given.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Optional[Path],
        typer.Option(
            "--output",
            "-o",
            help="A folder for report.html, report.md, metrics.json, predictions.parquet, errors.csv and plots.",
            show_default=False,
        ),
    ] = None,
    corpora: Annotated[Optional[Path], typer.Option(help="The folder of the public corpora.", show_default=False)] = None,
    train: Annotated[
        Optional[list[Path]],
        typer.Option(
            help="The model's training data: what the baselines learn from, and what tells seen actors and cues from new ones. "
            "The project's unless given.",
            show_default=False,
        ),
    ] = None,
    baselines: Annotated[bool, typer.Option(help="Measure the baselines beside the model.")] = True,
    behaviour: Annotated[bool, typer.Option("--behaviour", help="Put the model to the shipped behavioural tests too.")] = False,
    tests: Annotated[
        Optional[list[Path]],
        typer.Option(
            help="Behavioural tests of your own, in YAML or Python (a Python file is run), or shipped; may be repeated.",
            show_default=False,
        ),
    ] = None,
    folds: Annotated[
        int,
        typer.Option(min=0, help="Cross-validate in so many folds of articles: MODEL is trained on all but one. 0: do not."),
    ] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="Cross-validate with seeds 1 to this.")] = 1,
    samples: Annotated[int, typer.Option(min=100, help="Bootstrap samples for the intervals.")] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed draws the same samples.")] = 0,
    threads: Annotated[int, typer.Option(min=0, help="Threads of the encoder; 0: one a core.")] = 0,
    card: Annotated[
        bool, typer.Option("--card", help="Write the scores into the model's card, README.md of its folder.")
    ] = False,
    *,
    columns: dict[str, Optional[str]],
) -> None:
    """Measure a model on labelled text: how good, how sure, where it fails, and against which baselines."""
    command = training_module("evaluation.command")
    shipped = [Path("shipped")] if behaviour and Path("shipped") not in (tests or []) else []
    guarded(
        lambda: command.evaluate(
            model,
            data or [],
            corpora,
            output,
            with_baselines=baselines,
            train=train or [],
            tests=shipped + (tests or []),
            folds=folds,
            seeds=seeds,
            samples=samples,
            seed=seed,
            threads=threads,
            card=card,
            columns=columns,
            command=" ".join(["stance", *sys.argv[1:]]),
        )
    )
