"""What reading gives: rows, and those that could not be read."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A longer line, field or text is no row: it would have to be held in memory whole.
MAX_CHARACTERS = 32 * 2**20
TOO_LONG = f"longer than {MAX_CHARACTERS // 2**20} million characters"


class ReadError(ValueError):
    """An input that cannot be read at all: the message names it and what to do, in one line."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, or a text (``values`` is ``{"text": ...}``).

    ``number``: the line on which it begins (JSON Lines, CSV, TSV), or the row counted from 1 (Parquet); 1 for a text.
    """

    file: str
    number: int
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that could not be read, or all of a file from ``number`` on."""

    file: str
    number: int
    reason: str


class Damage(Exception):
    """The file cannot be read on from here."""

    def __init__(self, reason: str, number: int = 0):
        self.reason, self.number = reason, number


def unfit(text: str) -> str | None:
    """Why a text cannot be a value: NUL bytes, bytes that were no UTF-8, halves of characters. None if it can."""
    if "\x00" in text:
        return "holds a NUL byte"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        half = ord(text[error.start])
        what = "bytes that are not UTF-8" if 0xDC80 <= half <= 0xDCFF else "half a character (a lone surrogate)"
        return f"holds {what} (character {error.start + 1})"
    return None


def reason_of(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return re.sub(r"\s+", " ", text)[:160].lower() if isinstance(error, FileNotFoundError) else re.sub(r"\s+", " ", text)[:160]
