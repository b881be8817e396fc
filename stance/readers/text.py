"""A plain text: one row."""

from __future__ import annotations

import io
from collections.abc import Iterator

from stance.readers.rows import MAX_CHARACTERS, TOO_LONG, Reject, Row


def read_text(name: str, binary: io.BufferedReader) -> Iterator[Row | Reject]:
    data = binary.read(4 * MAX_CHARACTERS + 1)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"not UTF-8 text (byte {error.start}); convert it, or give the text of the article instead of a document"
        yield Reject(name, 1, reason)
        return
    if len(text) > MAX_CHARACTERS:
        yield Reject(name, 1, TOO_LONG)
    elif "\x00" in text:
        yield Reject(name, 1, "not text (it holds NUL bytes); give plain text in UTF-8")
    elif not text.strip():
        yield Reject(name, 1, "empty; give a file with the text of an article")
    else:
        yield Row(name, 1, {"text": text})
