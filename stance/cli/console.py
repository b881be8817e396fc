"""What every command shares: one line for what went wrong, examples in ``--help``, the extras that a command needs."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from types import ModuleType

import typer

MOST_LINES = 20  # of one error, say, of every mistake in the markup of a folder


def fail(message: object, code: int = 1) -> typer.Exit:
    """One line on standard error, and the exit code to raise."""
    from stance.terminal import safe

    print(f"stance: {safe(str(message))}", file=sys.stderr)
    return typer.Exit(code)


def examples(*lines: str) -> str:
    return "**Examples**\n\n" + "\n\n".join(f"`{line}`" for line in lines)


def stderr_console():
    """A console on standard error, for progress bars."""
    from rich.console import Console

    return Console(stderr=True)


def training_module(module: str) -> ModuleType:
    """A module of stance.training, or the one line that says how to get it."""
    try:
        return importlib.import_module(f"stance.training.{module}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("stance"):
            raise
        raise fail(f"this needs {error.name}: pip install 'stance[train]'") from None


def guarded(work: Callable[[], object]) -> None:
    """Run a command's work; what a user can mend is one line, not a traceback."""
    try:
        work()
    except BrokenPipeError:  # the reader of a pipe has gone; what is still to be flushed would raise once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except (ValueError, OSError) as error:
        message = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else error
        lines = str(message).splitlines() or [type(error).__name__]
        for line in lines[:MOST_LINES]:
            fail(line)
        if len(lines) > MOST_LINES:
            fail(f"... and {len(lines) - MOST_LINES} more")
        raise typer.Exit(1) from None
