"""The options that name the columns of a labelled table, for every command that reads one."""

from __future__ import annotations

from typing import Annotated, Optional

import typer


def _column(what: str) -> object:
    help = f"The column of a table with {what}; found by its usual names unless given."
    return Annotated[Optional[str], typer.Option(help=help, show_default=False, rich_help_panel="Columns of a table")]


SentenceColumn = _column("the sentence")
TextColumn = _column("the whole text")
ActorColumn = _column("the actor")
ArticleColumn = _column("the article's id, over which intervals are drawn")
StanceColumn = _column("the stance, or whatever you label instead")
SentimentColumn = _column("the sentiment")
