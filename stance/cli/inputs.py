"""What ``stance report`` and ``stance plot`` share: their arguments, and the articles that these stand for."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import typer

from stance.cli.console import fail, stderr_console
from stance.records import Article

INPUTS = typer.Argument(
    metavar="INPUT...", help="Articles (text files, folders, tables with a column text) or scored output.", show_default=False
)
DATES = typer.Option("--dates", help="A table of article_id and date, for stances over time.", show_default=False)
DATE_COLUMN = typer.Option(help="The column of dates, in INPUT or in --dates.")
FORMAT = typer.Option(
    "--format", "-f", help="jsonl, csv, tsv, parquet or text; the suffix tells unless given.", show_default=False
)
MODEL = typer.Option("--model", "-m", help="For articles: a model folder or OWNER/NAME on the hub.", show_default=False)
THREADS = typer.Option(min=0, help="Threads of the encoder; 0: one a core.")
MOST_PROBLEMS = 10


def needs(module: str, extra: str) -> None:
    """One line, and the end, where a module of an extra is missing."""
    if importlib.util.find_spec(module) is None:
        raise fail(f"this needs {module}: pip install 'stance[{extra}]'")


def check_folder(output: Path) -> None:
    """Raises ``ValueError`` before the work is done where its output could not be written."""
    if output.is_dir():
        raise ValueError(f"{output}: a folder; give a file")
    if not output.parent.is_dir():
        raise ValueError(f"{output.parent}: no such folder; make it first")


def load_articles(
    inputs: list[str], format: str | None, dates: str | None, date_column: str, model: str | None, threads: int
) -> tuple[list[Article], dict[str, str], list[str]]:
    """The articles, their dates, and what was left out, also told on standard error. Raises ``ValueError`` if nothing is left."""
    import stance
    from stance.report.inputs import read_dates, read_inputs

    found = read_inputs(inputs, format, date_column)
    if dates:
        given, problems = read_dates(dates, date_column)
        found.dates |= given
        found.problems += problems
    for problem in found.problems[:MOST_PROBLEMS]:
        fail(problem)
    if len(found.problems) > MOST_PROBLEMS:
        fail(f"and {len(found.problems) - MOST_PROBLEMS:,} more rows left out")
    if not found.texts and not found.predictions:
        raise ValueError(f"{', '.join(map(str, inputs))}: no article and no scored row to show")

    def analyze(texts):
        from rich.progress import track

        articles = stance.load(model, threads).analyze_many(texts)
        quiet = len(texts) == 1 or not sys.stderr.isatty()
        return articles if quiet else track(articles, "Reading", total=len(texts), console=stderr_console())

    articles = list(found.articles(analyze))
    undated = sum(article.id not in found.dates for article in articles)
    if dates and undated:
        fail(f"{dates}: no date for {undated:,} of {len(articles):,} articles; they are left out of what is shown over time")
    return articles, found.dates, found.problems
