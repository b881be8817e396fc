"""``stance data``: the labelled text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from stance.cli.app import data_app
from stance.cli.console import examples, guarded, training_module


@data_app.command("join", epilog=examples("stance data join corpora/ -o labelled.jsonl"))
def data_join(
    corpora: Annotated[Path, typer.Argument(help="The folder of the public corpora.")],
    references: Annotated[
        Optional[list[Path]], typer.Argument(help="Labels by reference; all of the project's unless given.", show_default=False)
    ] = None,
    output: Annotated[
        Optional[Path],
        typer.Option("--output", "-o", help="A JSON Lines file; standard output unless given.", show_default=False),
    ] = None,
) -> None:
    """Join the labels on real news, kept by reference, to the text of their corpora."""
    module = training_module("labelled.joined")
    guarded(lambda: module.write_joined(corpora, references or [], output))
