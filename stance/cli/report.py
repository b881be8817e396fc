"""``stance report``: articles or scored rows -> a page to look at."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from stance.cli.app import app
from stance.cli.console import examples, fail, guarded
from stance.cli.inputs import DATE_COLUMN, DATES, FORMAT, INPUTS, MODEL, THREADS, check_folder, load_articles, needs

MANY = 10_000


@app.command(
    epilog=examples(
        "stance report article.txt",
        "stance report news/ -o news.html --title 'The week in the strait'",
        "stance report scored.parquet --dates dates.csv -o corpus.html",
        "stance report scored.jsonl --low-confidence 0.7",
    )
)
def report(
    inputs: Annotated[list[str], INPUTS],
    output: Annotated[Path, typer.Option("--output", "-o", help="The page; - for standard output.")] = Path("report.html"),
    title: Annotated[Optional[str], typer.Option(help="The page's title.", show_default=False)] = None,
    dates: Annotated[Optional[str], DATES] = None,
    date_column: Annotated[str, DATE_COLUMN] = "date",
    low_confidence: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Stances with a lower probability are shown as unsure.")
    ] = 0.6,
    format: Annotated[Optional[str], FORMAT] = None,
    model: Annotated[Optional[str], MODEL] = None,
    threads: Annotated[int, THREADS] = 0,
) -> None:
    """Show an article or a corpus as one self-contained page: who stands where, and why.

    INPUT is text to analyze (files, folders, tables with a column *text*), or what stance wrote: Parquet, JSON Lines or CSV.
    """
    needs("jinja2", "report")
    to_stdout = str(output) == "-"
    if not to_stdout and output.exists() and any(Path(path).exists() and Path(path).samefile(output) for path in inputs):
        raise fail(f"{output}: is also to be read; write to another file", 2)

    def write() -> None:
        from stance.report import report as page_of

        check_folder(output)
        articles, found_dates, problems = load_articles(inputs, format, dates, date_column, model, threads)
        if len(articles) > MANY:
            fail(f"a page of {len(articles):,} articles opens slowly; report a part of them, or plot them")
        page = page_of(articles, title, found_dates, low_confidence)
        if to_stdout:
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
            sys.stdout.write(page)
        else:
            output.write_text(page, encoding="utf-8", newline="\n")
        if problems:
            raise typer.Exit(1)

    guarded(write)
