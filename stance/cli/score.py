"""``stance score``: files of articles or of (sentence, actor) rows -> a folder of scored parts."""

from __future__ import annotations

import json
import signal
import sys
import time
from enum import Enum
from pathlib import Path
from typing import Annotated, Optional

import typer

from stance.cli.app import app
from stance.cli.console import examples, fail, stderr_console

LOG_SECONDS = 30  # between lines of progress where there is no terminal


class InputFormat(str, Enum):
    jsonl, csv, tsv, parquet, text = "jsonl", "csv", "tsv", "parquet", "text"


class OutputFormat(str, Enum):
    parquet, jsonl, csv = "parquet", "jsonl", "csv"


class Engine(str, Enum):
    local, ray = "local", "ray"


@app.command(
    epilog=examples(
        "stance score news/ -o scored/",
        "stance score 'dump/*.jsonl.gz' -o scored/ --text body --id url --keep published",
        "stance score pairs.csv -o scored/ --format csv --keep-all",
        "zcat articles.jsonl.gz | stance score - -o scored/ --quiet",
        "stance score s3://bucket/articles/ -o scored/ --max-rejects 1000 --summary summary.json",
        "stance score dump/ -o scored/ --engine ray",
    )
    + "\n\n**Exit codes**: 0 done (rejected rows are counted and listed); 1 failed, or more rejects than allowed; 2 wrong usage; "
    "130 stopped by Ctrl-C. After a stop, a crash or a full disk the same command goes on.",
)
def score(
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders, globs, URLs (s3://, gs://, ...) or - for standard input: .jsonl, .csv, .tsv, .parquet, .txt, "
            "also with .gz or .zst. A row with an actor column is a sentence and its actor; one without is an article.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder of the output: part-*.parquet, and _stance/rejects.jsonl.")
    ],
    format: Annotated[OutputFormat, typer.Option("--format", "-f", help="Of the output.")] = OutputFormat.parquet,
    input_format: Annotated[
        Optional[InputFormat],
        typer.Option(help="Of the input, where the suffix does not tell it.", show_default=False),
    ] = None,
    text: Annotated[
        Optional[str],
        typer.Option(help="The column of the article or the sentence; text, article, body, content or sentence unless given."),
    ] = None,
    actor: Annotated[
        Optional[str], typer.Option(help="The column of the actor; actor, entity or target unless given.", show_default=False)
    ] = None,
    id: Annotated[
        Optional[str],
        typer.Option("--id", help="The column of article_id; id, article_id, doc_id or url, else FILE:ROW.", show_default=False),
    ] = None,
    start: Annotated[
        Optional[str], typer.Option(help="The column of the mention's first character in its sentence.", show_default="start")
    ] = None,
    end: Annotated[Optional[str], typer.Option(help="The column of the mention's end.", show_default="end")] = None,
    before: Annotated[
        Optional[str], typer.Option(help="The column of the text before the sentence.", show_default="before")
    ] = None,
    after: Annotated[Optional[str], typer.Option(help="The column of the text after it.", show_default="after")] = None,
    keep: Annotated[
        Optional[list[str]], typer.Option("--keep", help="Carry this column along; may be given again.", show_default=False)
    ] = None,
    keep_all: Annotated[bool, typer.Option("--keep-all", help="Carry along all other columns of the first row.")] = False,
    model: Annotated[
        Optional[str],
        typer.Option(
            "--model", "-m", help="A model folder or OWNER/NAME on the hub; the shipped model unless given.", show_default=False
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="cpu (onnxruntime), or cuda (torch, on a GPU).")] = "cpu",
    precision: Annotated[
        Optional[str],
        typer.Option(help="int8 or float32, of those that the model has; as it was saved unless given.", show_default=False),
    ] = None,
    threads: Annotated[int, typer.Option(min=0, help="Encoder passes at a time; 0: one a core.")] = 0,
    engine: Annotated[Engine, typer.Option(help="local, or ray: workers on this machine or on a running cluster.")] = (
        Engine.local
    ),
    min_confidence: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Leave a label out (empty) if its probability is under this.")
    ] = 0.0,
    part_sentences: Annotated[int, typer.Option(min=1, help="Close a part after so many sentences: what a crash may cost.")] = (
        20_000
    ),
    strict: Annotated[bool, typer.Option("--strict", help="Fail on the first row that cannot be scored.")] = False,
    max_rejects: Annotated[
        Optional[int], typer.Option(min=0, help="Fail on one more rejected row than this.", show_default=False)
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Delete what an earlier run left in the output folder.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary on the screen.")] = False,
    summary: Annotated[
        Optional[Path], typer.Option(help="Write the summary, JSON, to this file instead of standard output.", show_default=False)
    ] = None,
) -> None:
    """Score files of any size into a folder of parts. Killed at any instant and started again, it goes on."""
    import dataclasses

    import stance
    from stance.batch import BatchError, Columns, RunOptions, score_files
    from stance.batch.manifest import remove_run
    from stance.readers import ReadError

    if "-" in inputs and (sys.stdin is None or sys.stdin.isatty()):
        raise fail("nothing comes from standard input: pipe rows or a text in, or give files", 2)
    options = RunOptions(
        format.value,
        input_format.value if input_format else None,
        Columns(text, actor, id, start, end, before, after, tuple(keep or ())),
        keep_all,
        part_sentences,
        0 if strict else max_rejects,
        engine.value,
    )
    try:
        classifier = stance.load(model, threads, min_confidence, device, precision)
        if overwrite:
            remove_run(output)
        with Told(quiet) as told:
            done = score_files(inputs, output, classifier, options, told)
    except KeyboardInterrupt:
        fail(f"stopped; the same command goes on where {output} ends")
        raise typer.Exit(130) from None
    except (ReadError, BatchError, stance.CheckpointError) as error:
        raise fail(error) from None
    except OSError as error:
        raise fail(f"{error.filename or output}: {error.strerror or error}") from None
    line = json.dumps(dataclasses.asdict(done), ensure_ascii=False)
    if summary:
        try:
            summary.write_text(line + "\n", encoding="utf-8")
        except OSError as error:
            raise fail(f"{summary}: {error.strerror}") from None
    elif not quiet:
        print(line)
    if not done.items and not done.rejects and not quiet:
        fail(f"nothing to score: {' '.join(inputs)} holds no rows")
    if done.rejects and not quiet:
        fail(f"{done.rejects:,} rows could not be scored: {done.rejects_file}")


class Told:
    """Progress: a bar in a terminal, else a line now and then; nothing if quiet. It sees to Ctrl-C too."""

    def __init__(self, quiet: bool):
        self.bar = None
        self.quiet, self.stopped = quiet, False
        self.begun = self.said = time.monotonic()

    def _stop(self, *_: object) -> None:
        """Ctrl-C. Raised inside of a callback of the interpreter it would be lost, so the next buffer raises it again."""
        self.stopped = True
        raise KeyboardInterrupt

    def __enter__(self) -> Told:
        self.handler = signal.signal(signal.SIGINT, self._stop)
        if not self.quiet and sys.stderr is not None and sys.stderr.isatty():
            from rich import progress

            self.bar = progress.Progress(
                progress.TextColumn("{task.description}"),
                progress.BarColumn(),
                progress.TextColumn("{task.fields[told]}"),
                console=stderr_console(),
            )
            self.bar.start()
            self.task = self.bar.add_task("Scoring", total=None, told="")
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self.handler)
        if self.bar:
            self.bar.stop()

    def __call__(self, p) -> None:
        if self.stopped:
            raise KeyboardInterrupt
        if self.quiet:
            return
        now = time.monotonic()
        seconds = max(now - self.begun, 1e-9)
        rate = (p.sentences - p.sentences_before) / seconds
        share = p.bytes_read / p.bytes if p.bytes else 0.0
        told = f"{p.rows:,} rows, {rate:,.0f} sentences/s"
        here = (p.bytes_read - p.bytes_before) / max(p.bytes - p.bytes_before, 1)
        if p.bytes and here > 0:
            told += f", {_duration(seconds * (1 - here) / here)} left"
        if p.rejects:
            told += f", {p.rejects:,} rejected"
        if self.bar:
            self.bar.update(self.task, completed=share, total=1.0 if p.bytes else None, told=told)
        elif now - self.said >= LOG_SECONDS:
            self.said = now
            print(f"stance: {share:.0%}, {told}", file=sys.stderr, flush=True)


def _duration(seconds: float) -> str:
    minutes, hours, days = round(seconds / 60), seconds / 3600, seconds / 86400
    if seconds < 90:
        return f"{max(seconds, 0):.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{hours:.1f} h" if hours < 48 else f"{days:.1f} days"
