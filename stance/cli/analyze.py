"""``stance analyze``: articles -> a table in a terminal, or rows."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Annotated, Optional

import typer

from stance.cli.app import app
from stance.cli.console import examples, fail, stderr_console


class Format(str, Enum):
    table, json, jsonl, csv = "table", "json", "jsonl", "csv"


def _articles(files: list[Path], failures: list[str]) -> Iterator[tuple[str, str]]:
    """(name, text) of each readable file; what cannot be read goes to ``failures`` and standard error, and the rest goes on."""
    from stance.readers import ReadError, Reject, read_rows

    for path in files:
        try:
            if path.is_dir():
                raise ReadError(f"{path}: a folder; give the files in it")
            for row in read_rows([path], "text"):
                if isinstance(row, Reject):
                    raise ReadError(f"{row.file}: {row.reason}")
                yield row.file, row.values["text"]
        except ReadError as error:
            failures.append(str(path))
            fail(error)


@app.command(
    epilog=examples(
        "stance analyze article.txt",
        "cat article.txt | stance analyze",
        "stance analyze --format csv -o rows.csv news/*.txt",
        "stance analyze --min-confidence 0.7 article.txt",
        "stance analyze --format json article.txt | jq '.[0].actors'",
    )
)
def analyze(
    files: Annotated[
        Optional[list[Path]], typer.Argument(help="Text files in UTF-8; none or - for standard input.", show_default=False)
    ] = None,
    format: Annotated[
        Optional[Format],
        typer.Option("--format", "-f", help="table in a terminal, jsonl elsewhere, unless given.", show_default=False),
    ] = None,
    output: Annotated[
        Optional[Path], typer.Option("--output", "-o", help="Write here instead of standard output.", show_default=False)
    ] = None,
    model: Annotated[
        Optional[str],
        typer.Option(
            "--model", "-m", help="A model folder or OWNER/NAME on the hub; the shipped model unless given.", show_default=False
        ),
    ] = None,
    min_confidence: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Leave a label out (empty, unsure) if its probability is under this.")
    ] = 0.0,
    threads: Annotated[int, typer.Option(min=0, help="Threads of the encoder; 0: one a core.")] = 0,
) -> None:
    """Find the actors of news articles and say where each stands."""
    import contextlib

    import stance

    if not files:
        if sys.stdin is None or sys.stdin.isatty():
            raise fail("no file given: stance analyze FILE..., or pipe a text in", 2)
        files = [Path("-")]
    if output is None and sys.stdout is None:
        raise fail("standard output is closed; give --output FILE")
    if output and output.exists() and any(path.exists() and path.samefile(output) for path in files):
        raise fail(f"{output}: is also to be read; write to another file", 2)
    try:
        classifier = stance.load(model, threads, min_confidence)
    except stance.CheckpointError as error:
        raise fail(error) from None
    kind = format.value if format else "table" if output is None and sys.stdout.isatty() else "jsonl"
    failures: list[str] = []
    articles = classifier.analyze_many(_articles(files, failures))
    try:
        with contextlib.ExitStack() as stack:
            out = stack.enter_context(open(output, "w", encoding="utf-8", errors="replace", newline="")) if output else sys.stdout
            if output and len(files) > 1 and sys.stderr.isatty():
                from rich.progress import track

                articles = track(articles, "Reading", total=len(files), console=stderr_console())
            if kind == "table":
                from rich.console import Console

                from stance.terminal import show

                sys.stdout.reconfigure(errors="replace") if not output else None
                console = Console(file=out, width=None if out.isatty() else 120)
                for article in articles:
                    show(article, console)
            else:
                from stance.tables import WRITERS

                if not output:  # not the code page of a Windows pipe, nor that of LANG=C
                    out.reconfigure(encoding="utf-8", errors="replace", newline="\n")
                WRITERS[kind](articles, out)
    except (BrokenPipeError, SystemExit):  # rich ends the process with 1 where a reader has gone
        raise typer.Exit(1 if failures else 0) from None
    except OSError as error:
        raise fail(f"{output or 'standard output'}: {error.strerror}") from None
    if failures:
        raise typer.Exit(1)
