"""The program ``stance`` and its groups, on which each module of this folder hangs its command."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    name="stance",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Reads news and says, sentence by sentence, where each actor stands.",
)
data_app = typer.Typer(no_args_is_help=True, help="The labelled text: join references to their corpora.")
app.add_typer(data_app, name="data")


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from stance import __version__

        print(__version__)
        raise typer.Exit()
