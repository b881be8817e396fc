"""A file -> its rows, whatever its format and compression."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator

from stance.readers import parquet
from stance.readers.compression import Rejoined, plain
from stance.readers.delimited import read_csv, read_tsv
from stance.readers.jsonl import read_jsonl
from stance.readers.rows import Damage, ReadError, Reject, Row, reason_of
from stance.readers.sources import STDIN, Source, find_sources
from stance.readers.text import read_text

# A first line that names one of these is the header of a table; asked only of standard input without a format.
HEADER_NAMES = frozenset("id article_id text article body content sentence actor entity target mention before after".split())

READERS = {"jsonl": read_jsonl, "csv": read_csv, "tsv": read_tsv, "text": read_text}


def read_rows(paths: Iterable[str | os.PathLike[str]], format: str | None = None) -> Iterator[Row | Reject]:
    """The rows of files, folders, globs, fsspec URLs and ``-`` (standard input), in order.

    ``format`` is one of ``FORMATS``, for every file; without it the suffix tells (of standard input, its first line).
    Raises ``ReadError`` before the first row if a path is not there or its format is unknown.
    """
    return _chain(find_sources(paths, format))


def _chain(sources: list[Source]) -> Iterator[Row | Reject]:
    for source in sources:
        yield from read_source(source)


def read_source(source: Source, count: Callable[[int], None] = lambda read: None) -> Iterator[Row | Reject]:
    """The rows of one file. ``count`` is told how many bytes are read.

    Raises ``ReadError`` where the disk or the store fails, since a later run may read what follows.
    """
    at = 0
    try:
        with contextlib.closing(source.open()) if source.name != STDIN else contextlib.nullcontext(source.open()) as file:
            head = file.read(4)
            whole = Rejoined(head, file, count)
            format = source.format
            if head[:4] == parquet.MAGIC or format == "parquet":
                rows = parquet.read_parquet(source, file, whole, count)
            else:
                binary = io.BufferedReader(plain(head, whole))
                if format is None:
                    binary, format = _sniffed(binary)
                rows = READERS[format](source.name, binary)
            for row in rows:
                at = row.number
                yield row
    except Damage as damage:
        yield Reject(source.name, damage.number or at + 1, damage.reason)
    except (FileNotFoundError, PermissionError) as error:
        yield Reject(source.name, at + 1, reason_of(error))
    except OSError as error:
        raise ReadError(f"{source.name}: {reason_of(error)}") from None


def _sniffed(binary: io.BufferedReader) -> tuple[io.BufferedReader, str]:
    """What comes from standard input: JSON Lines by its brace, Parquet by its first bytes, a table by its header, else a text."""
    head = binary.read(2**12)
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    line = first.split(b"\n")[0].decode("utf-8", "replace").strip().lower()
    format = "text"
    if re.match(rb"\{|\[\s*\{", first):
        format = "jsonl"
    else:
        for kind, delimiter in (("tsv", "\t"), ("csv", ","), ("csv", ";")):
            names = [name.strip(' "') for name in line.split(delimiter)]
            if HEADER_NAMES.intersection(names) and (len(names) > 1 or len(first.split(b"\n")) > 1) and "" not in names[1:]:
                format = kind
                break
    return io.BufferedReader(Rejoined(head, binary)), format
