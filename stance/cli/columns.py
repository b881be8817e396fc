"""The options that name the columns of a labelled table, for every command that reads one."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Optional, get_type_hints

import typer

COLUMNS = {
    "sentence": "the sentence",
    "text": "the whole text",
    "actor": "the actor",
    "article": "the article's id, over which intervals are drawn",
    "stance": "the stance, or whatever you label instead",
    "sentiment": "the sentiment",
}


def column_option(what: str) -> object:
    help = f"The column of a table with {what}; found by its usual names unless given."
    return typer.Option(help=help, show_default=False, rich_help_panel="Columns of a table")


def reads_table(command: Callable[..., None]) -> Callable[..., None]:
    """``command`` with an option for each of ``COLUMNS`` (*--sentence-column*) in the place of its argument ``columns``, which
    gets them as a dict, None where one was not given."""
    hints = get_type_hints(command, include_extras=True)
    own = [p.replace(annotation=hints[p.name]) for p in inspect.signature(command).parameters.values() if p.name != "columns"]
    options = [
        inspect.Parameter(
            f"{name}_column",
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[Optional[str], column_option(what)],
        )
        for name, what in COLUMNS.items()
    ]

    def with_columns(**given: object) -> None:
        columns = {name: given.pop(f"{name}_column") for name in COLUMNS}
        command(**given, columns=columns)

    with_columns.__name__, with_columns.__doc__ = command.__name__, command.__doc__
    with_columns.__signature__ = inspect.Signature([*own, *options])
    with_columns.__annotations__ = {p.name: p.annotation for p in (*own, *options)}
    return with_columns
