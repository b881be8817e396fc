"""``stance plot``: articles or scored rows -> a figure for print."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Optional

import typer

from stance.cli.app import app
from stance.cli.console import examples, guarded
from stance.cli.inputs import DATE_COLUMN, DATES, FORMAT, INPUTS, MODEL, THREADS, check_folder, load_articles, needs


class Kind(str, Enum):
    actors, timeline, article = "actors", "timeline", "article"


@app.command(
    epilog=examples(
        "stance plot scored.parquet -o actors.pdf",
        "stance plot scored.jsonl --kind timeline --actor Russia --dates dates.csv -o russia.svg",
        "stance plot article.txt --kind article -o strip.png",
    )
)
def plot(
    inputs: Annotated[list[str], INPUTS],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The figure: PDF, SVG or PNG (300 dpi), as its suffix says.")
    ] = Path("stance.pdf"),
    kind: Annotated[
        Optional[Kind],
        typer.Option(
            help="actors: heat map of actors by stance. timeline: stances over time. article: one article, sentence by sentence. "
            "article for one article and actors for more, unless given.",
            show_default=False,
        ),
    ] = None,
    actor: Annotated[Optional[str], typer.Option(help="For a timeline: of this actor alone.", show_default=False)] = None,
    article: Annotated[Optional[str], typer.Option(help="For a strip: the article's id.", show_default=False)] = None,
    most: Annotated[int, typer.Option(min=1, help="Actors at most.")] = 20,
    shares: Annotated[bool, typer.Option("--shares", help="For a timeline: shares instead of counts.")] = False,
    title: Annotated[str, typer.Option(help="The figure's title.", show_default=False)] = "",
    dates: Annotated[Optional[str], DATES] = None,
    date_column: Annotated[str, DATE_COLUMN] = "date",
    format: Annotated[Optional[str], FORMAT] = None,
    model: Annotated[Optional[str], MODEL] = None,
    threads: Annotated[int, THREADS] = 0,
) -> None:
    """Draw who stands where: a heat map of actors, stances over time, or one article as a strip."""
    needs("matplotlib", "report")

    def draw() -> None:
        from stance.plots import check_suffix, plot_actors, plot_article, plot_timeline, save

        check_suffix(output)
        check_folder(output)
        articles, found_dates, problems = load_articles(inputs, format, dates, date_column, model, threads)
        chosen = kind or (Kind.article if len(articles) == 1 or article else Kind.actors)
        if chosen is Kind.actors:
            figure = plot_actors(articles, most, title)
        elif chosen is Kind.timeline:
            figure = plot_timeline(articles, found_dates, actor, shares, title)
        else:
            named = [a for a in articles if article is None or a.id == article]
            if len(named) != 1:
                some = ", ".join(a.id for a in articles[:5])
                raise ValueError(
                    f"a strip shows one article; choose it with --article: {some}{', ...' if len(articles) > 5 else ''}"
                )
            figure = plot_article(named[0], most, title=title)
        save(figure, output)
        if problems:
            raise typer.Exit(1)

    guarded(draw)
