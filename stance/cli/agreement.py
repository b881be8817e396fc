"""``stance agreement``: annotators' labels of the same sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from stance.cli.app import app
from stance.cli.columns import ActorColumn, ArticleColumn, SentenceColumn, SentimentColumn, StanceColumn, TextColumn
from stance.cli.console import examples, guarded, training_module


@app.command(
    epilog=examples(
        "stance agreement first.jsonl second.jsonl",
        "stance agreement anna.csv ben.csv chen.csv --disagreements disagreements.tsv",
    )
)
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
    sentence_column: SentenceColumn = None,
    text_column: TextColumn = None,
    actor_column: ActorColumn = None,
    article_column: ArticleColumn = None,
    stance_column: StanceColumn = None,
    sentiment_column: SentimentColumn = None,
) -> None:
    """Say how far annotators agree: Krippendorff's alpha, Cohen's and Fleiss' kappa."""
    module = training_module("agreement")
    columns = {
        "sentence": sentence_column,
        "text": text_column,
        "actor": actor_column,
        "article": article_column,
        "stance": stance_column,
        "sentiment": sentiment_column,
    }
    guarded(lambda: module.run(annotators, disagreements, corpora, columns))
