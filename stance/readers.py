"""Users' tables and texts -> rows: JSON Lines, CSV, TSV, Parquet, plain text; gzip and zstd; local, remote or standard input.

``read_rows`` streams: one row is in memory at a time (of Parquet, a batch). A row that cannot be read is a ``Reject`` that says
where and why, and the rows after it are read all the same. Files are told by their suffix, compression by its first bytes.
"""

from __future__ import annotations

import contextlib
import csv
import glob
import gzip
import io
import json
import os
import re
import sys
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".txt": "text",
    ".text": "text",
}
FORMATS = ("jsonl", "csv", "tsv", "parquet", "text")
COMPRESSED = (".gz", ".gzip", ".zst", ".zstd")
GZIP, ZSTD, PARQUET = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1"
STDIN = "standard input"
# A longer line, field or text is no row: it would have to be held in memory whole.
MAX_CHARACTERS = 32 * 2**20
PARQUET_BATCH = 512
# A first line that names one of these is the header of a table; asked only of standard input without a format.
HEADER_NAMES = frozenset("id article_id text article body content sentence actor entity target mention before after".split())


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


@dataclass(frozen=True)
class Source:
    """A file to read. ``size`` in bytes, ``modified`` as its store tells it; both None for standard input."""

    name: str
    format: str | None
    size: int | None = None
    modified: str | None = None

    def open(self) -> BinaryIO:
        if self.name == STDIN:
            if sys.stdin is None:
                raise ReadError("standard input is closed; give a file")
            return sys.stdin.buffer
        if "://" in self.name:
            return _store(self.name)[0].open(_store(self.name)[1], "rb")
        return open(self.name, "rb")


def read_rows(paths: Iterable[str | os.PathLike[str]], format: str | None = None) -> Iterator[Row | Reject]:
    """The rows of files, folders, globs, fsspec URLs and ``-`` (standard input), in order.

    ``format`` is one of ``FORMATS``, for every file; without it the suffix tells (of standard input, its first line).
    Raises ``ReadError`` before the first row if a path is not there or its format is unknown.
    """
    return _chain(find_sources(paths, format))


def _chain(sources: list[Source]) -> Iterator[Row | Reject]:
    for source in sources:
        yield from read_source(source)


# --- what there is to read ------------------------------------------------------------------------------------------------


def find_sources(paths: Iterable[str | os.PathLike[str]], format: str | None = None) -> list[Source]:
    """The files that ``paths`` stand for, each once. Folders are searched, sorted by name, without what begins with . or _.

    Raises ``ReadError``.
    """
    if format is not None and format not in FORMATS:
        raise ReadError(f"no format {format!r}; choose {', '.join(FORMATS)}")
    found: dict[str, Source] = {}
    for path in paths:
        name = os.fspath(path)
        try:
            for source in _remote(name, format) if "://" in name else _local(name, format):
                found.setdefault(source.name, source)
        except OSError as error:
            raise ReadError(f"{name}: {_reason(error)}") from None
    return list(found.values())


def _local(name: str, format: str | None) -> Iterator[Source]:
    path = Path(name)
    if name == "-":
        yield Source(STDIN, format)
    elif path.is_dir():
        files = sorted(p for p in path.rglob("*") if _shown(p.relative_to(path).parts) and p.is_file())
        yield from _of_folder(name, [str(p) for p in files], format)
    elif path.exists():
        yield _local_source(name, format or _format_of(name))
    elif glob.has_magic(name):
        matches = sorted(glob.glob(name, recursive=True))
        if not matches:
            raise ReadError(f"{name}: matches no file")
        for match in matches:
            yield from _local(match, format)
    else:
        raise ReadError(f"{name}: no such file")


def _local_source(name: str, format: str | None) -> Source:
    if format is None:
        raise _unknown(name)
    status = os.stat(name)
    return Source(name, format, status.st_size, str(status.st_mtime_ns))


def _remote(name: str, format: str | None) -> Iterator[Source]:
    store, path = _store(name)
    if store.isdir(path):
        files = sorted(f for f in store.find(path) if _shown(f[len(path) :].strip("/").split("/")))
        yield from _of_folder(name, [store.unstrip_protocol(f) for f in files], format)
    elif store.exists(path):
        yield _remote_source(store.unstrip_protocol(path), format or _format_of(path))
    elif glob.has_magic(path) and (matches := sorted(store.glob(path))):
        for match in matches:
            yield from _remote(store.unstrip_protocol(match), format)
    else:
        raise ReadError(f"{name}: no such file")


def _remote_source(name: str, format: str | None) -> Source:
    if format is None:
        raise _unknown(name)
    store, path = _store(name)
    about = store.info(path)
    modified = next((str(about[k]) for k in ("ETag", "etag", "mtime", "LastModified", "created") if about.get(k)), None)
    return Source(name, format, about.get("size"), modified)


def _of_folder(folder: str, files: list[str], format: str | None) -> Iterator[Source]:
    known = [f for f in files if format or _format_of(f)]
    if not known:
        raise ReadError(f"{folder}: a folder without a file to read ({', '.join(SUFFIXES)}, or those with .gz or .zst)")
    for file in known:
        yield (_remote_source if "://" in file else _local_source)(file, format or _format_of(file))


def _store(name: str):
    """The fsspec file system of a URL, and the path on it."""
    try:
        from fsspec.core import url_to_fs

        return url_to_fs(name)
    except ImportError as error:  # "Install s3fs to access S3"
        raise ReadError(f"{name}: {str(error).splitlines()[0]}") from None
    except ValueError as error:  # a protocol that nobody knows
        raise ReadError(f"{name}: {error}") from None


def _shown(parts: Iterable[str]) -> bool:
    return not any(part.startswith((".", "_")) for part in parts)


def _format_of(name: str) -> str | None:
    stem, suffix = os.path.splitext(name.lower())
    if suffix in COMPRESSED:
        suffix = os.path.splitext(stem)[1]
    return SUFFIXES.get(suffix)


def _unknown(name: str) -> ReadError:
    return ReadError(f"{name}: its suffix tells no format; give --format {' | '.join(FORMATS)}")


# --- reading --------------------------------------------------------------------------------------------------------------


def read_source(source: Source, count: Callable[[int], None] = lambda read: None) -> Iterator[Row | Reject]:
    """The rows of one file. ``count`` is told how many bytes are read.

    Raises ``ReadError`` where the disk or the store fails, since a later run may read what follows.
    """
    at = 0
    try:
        with contextlib.closing(source.open()) if source.name != STDIN else contextlib.nullcontext(source.open()) as file:
            head = file.read(4)
            whole = _Rejoined(head, file, count)
            format = source.format
            if head[:4] == PARQUET or format == "parquet":
                rows = _parquet(source, file, whole, count)
            else:
                binary = io.BufferedReader(_plain(head, whole))
                if format is None:
                    binary, format = _sniffed(binary)
                rows = READERS[format](source.name, binary)
            for row in rows:
                at = row.number
                yield row
    except _Damage as damage:
        yield Reject(source.name, damage.number or at + 1, damage.reason)
    except (FileNotFoundError, PermissionError) as error:
        yield Reject(source.name, at + 1, _reason(error))
    except OSError as error:
        raise ReadError(f"{source.name}: {_reason(error)}") from None


class _Damage(Exception):
    """The file cannot be read on from here."""

    def __init__(self, reason: str, number: int = 0):
        self.reason, self.number = reason, number


class _Rejoined(io.RawIOBase):
    """A stream of which the first bytes have been read. ``count`` is told how many bytes are."""

    def __init__(self, head: bytes, rest: BinaryIO, count: Callable[[int], None] = lambda read: None):
        self.head, self.rest, self.count = head, rest, count

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        data = self.head[: len(buffer)]
        self.head = self.head[len(data) :]
        data = data or (self.rest.read1(len(buffer)) if hasattr(self.rest, "read1") else self.rest.read(len(buffer)))
        buffer[: len(data)] = data
        self.count(len(data))
        return len(data)


class _Zstd(io.RawIOBase):
    """zstd frames, one after another. Unlike the library's own reader it notices where the last one is cut off."""

    def __init__(self, raw: io.RawIOBase):
        from zstandard import ZstdDecompressor

        self.raw, self.decompressor = raw, ZstdDecompressor(max_window_size=2**31)
        self.frame, self.output, self.waiting = None, b"", b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while not self.output:
            data = self.waiting or self.raw.read(2**14)
            self.waiting = b""
            if not data:
                if self.frame is not None:
                    raise EOFError
                return 0
            self.frame = self.frame or self.decompressor.decompressobj()
            self.output = self.frame.decompress(data)
            if self.frame.eof:
                self.frame, self.waiting = None, self.frame.unused_data
        data, self.output = self.output[: len(buffer)], self.output[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


class _Checked(io.RawIOBase):
    """A decompressing stream, what it raises for broken data made one kind."""

    def __init__(self, stream, kind: str):
        self.stream, self.kind = stream, kind

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        try:
            return self.stream.readinto(buffer)
        except EOFError:
            raise _Damage(f"the {self.kind} data is cut off here; what follows is lost: copy the file again") from None
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            if not (isinstance(error, (gzip.BadGzipFile, zlib.error)) or type(error).__name__ == "ZstdError"):
                raise
            raise _Damage(f"the {self.kind} data is damaged here ({_reason(error)}); copy the file again") from None


def _plain(head: bytes, raw: io.RawIOBase) -> io.RawIOBase:
    if head.startswith(GZIP):
        return _Checked(gzip.GzipFile(fileobj=io.BufferedReader(raw)), "gzip")
    if head.startswith(ZSTD):
        return _Checked(_Zstd(raw), "zstd")
    return raw


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
    return io.BufferedReader(_Rejoined(head, binary)), format


class _Lines:
    """The lines of a stream, counted; those of the record can be given back. Bytes that are no UTF-8 become surrogates."""

    def __init__(self, binary: io.BufferedReader):
        self.text: TextIO = io.TextIOWrapper(binary, encoding="utf-8-sig", errors="surrogateescape", newline="")
        self.number = 0
        self.record: list[str] = []
        self.returned: deque[str] = deque()

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.returned.popleft() if self.returned else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self.record.append(line)
        return line

    def _read(self) -> str:
        try:
            line = self.text.readline(MAX_CHARACTERS)
            if len(line) >= MAX_CHARACTERS and line[-1] not in "\r\n":
                while (rest := self.text.readline(MAX_CHARACTERS)) and rest[-1] not in "\r\n":
                    pass
                self.number += 1
                raise _TooLong
            return line
        except _Damage as damage:
            raise _Damage(damage.reason, self.number + 1) from None

    def begin(self) -> None:
        self.record = []

    def give_back(self) -> None:
        """All but the first line of the record."""
        self.number -= len(self.record) - 1
        self.returned.extendleft(reversed(self.record[1:]))
        self.begin()


class _TooLong(Exception):
    pass


TOO_LONG = f"longer than {MAX_CHARACTERS // 2**20} million characters"


def _jsonl(name: str, binary: io.BufferedReader) -> Iterator[Row | Reject]:
    lines = _Lines(binary)
    while True:
        lines.begin()
        try:
            line = next(lines)
        except StopIteration:
            return
        except _TooLong:
            yield Reject(name, lines.number, TOO_LONG)
            continue
        if not line.strip(" \t\r\n"):
            continue
        if lines.number == 1 and line.lstrip().startswith("["):
            raise _Damage("a JSON array, not JSON Lines; write an object a line (jq -c '.[]' FILE)", 1)
        yield _json_row(name, lines.number, line)


def _json_row(name: str, number: int, line: str) -> Row | Reject:
    if problem := unfit(line):
        return Reject(name, number, problem)
    try:
        values = json.loads(line)
    except RecursionError:
        return Reject(name, number, "broken JSON (nested too deep)")
    except ValueError as error:
        return Reject(name, number, f"broken JSON ({_reason(error)})")
    if not isinstance(values, dict):
        return Reject(name, number, f"JSON, but no object: {line.strip()[:40]}")
    if "\\u" in line:  # only an escape can hold what the line itself does not
        for column, value in values.items():
            if problem := unfit(column) or _unfit_inside(value):
                return Reject(name, number, f"{column.encode('utf-8', 'replace').decode()}: {problem}")
    return Row(name, number, values)


def _unfit_inside(value: object) -> str | None:
    inside = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    return unfit(value) if isinstance(value, str) else next(filter(None, map(_unfit_inside, inside)), None)


def _csv(name: str, binary: io.BufferedReader) -> Iterator[Row | Reject]:
    return _table(name, binary, ",;")


def _tsv(name: str, binary: io.BufferedReader) -> Iterator[Row | Reject]:
    return _table(name, binary, "\t")


def _table(name: str, binary: io.BufferedReader, delimiters: str) -> Iterator[Row | Reject]:
    """RFC 4180, strictly: a stray quotation mark costs its line, not the lines up to the next mark.

    In TSV, where many programs quote nothing, such a line is split at its tabs as it stands.
    """
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CHARACTERS))
    lines = _Lines(binary)
    header: list[str] | None = None
    reader = None
    while True:
        lines.begin()
        first = lines.number + 1
        try:
            if reader is None:  # the header tells the delimiter
                line = next(lines)
                lines.returned.append(line)
                lines.number -= 1
                lines.begin()
                delimiter = max(delimiters, key=line.count)
                reader = csv.reader(lines, delimiter=delimiter, strict=True)
            fields = next(reader)
        except StopIteration:
            return
        except _TooLong:
            yield Reject(name, first, TOO_LONG)
            continue
        except csv.Error as error:
            fields = lines.record[0].rstrip("\r\n").split("\t")
            lines.give_back()
            if delimiters != "\t" or header and len(fields) != len(header):
                yield Reject(name, first, f"broken CSV ({_reason(error)})")
                continue
        if not fields:
            continue
        problem = unfit("".join(fields))
        if header is None:
            header = [field.strip() for field in fields]
            twice = sorted({column for column in header if header.count(column) > 1})
            if problem or twice:
                raise _Damage(f"its header {problem or f'names {twice[0]!r} twice'}; mend the header", first)
        elif problem:
            column, problem = next((c, p) for c, f in [*zip(header, fields), ("", "".join(fields))] if (p := unfit(f)))
            yield Reject(name, first, f"{column}: {problem}" if column else problem)
        elif len(fields) != len(header):
            yield Reject(name, first, f"{len(fields)} fields, the header has {len(header)}")
        else:
            yield Row(name, first, dict(zip(header, fields)))


def _parquet(source: Source, file: BinaryIO, whole: io.RawIOBase, count: Callable[[int], None]) -> Iterator[Row | Reject]:
    import tempfile

    import pyarrow as pa
    import pyarrow.parquet as pq

    name = source.name
    with contextlib.ExitStack() as stack:
        if not _seekable(file):  # the table of contents is at the end
            spool = stack.enter_context(tempfile.TemporaryFile())
            while data := whole.read(2**20):
                spool.write(data)
            file = spool
        file.seek(0)
        try:
            parquet = pq.ParquetFile(file, pre_buffer=False, buffer_size=2**20)
        except (pa.ArrowException, OSError) as error:
            raise _as_damage(error, "no Parquet file, or a damaged one") from None
        first = 1
        for group in range(parquet.num_row_groups):
            number, rows = first, parquet.metadata.row_group(group).num_rows
            first += rows
            try:
                for batch in parquet.iter_batches(PARQUET_BATCH, row_groups=[group], use_threads=False):
                    for i, values in enumerate(_values(batch)):
                        yield Reject(name, number + i, values) if isinstance(values, str) else Row(name, number + i, values)
                    number += len(batch)
            except (pa.ArrowException, OSError) as error:
                reason = _as_damage(error, f"rows {number} to {first - 1} are damaged").reason
                yield Reject(name, number, reason)
            count((source.size or 0) // parquet.num_row_groups)


def _values(batch) -> Iterator[dict[str, object] | str]:
    """The rows of an Arrow record batch; for one that cannot be read, why."""
    try:
        rows = batch.to_pylist()
    except (ValueError, OverflowError):  # text that is no UTF-8, a date that Python has not
        rows = [batch.slice(i, 1) for i in range(len(batch))]
    for row in rows:
        try:
            values = row if isinstance(row, dict) else row.to_pylist()[0]
        except (ValueError, OverflowError) as error:
            yield f"a value that cannot be read ({_reason(error)})"
            continue
        problem = next((f"{c}: {p}" for c, v in values.items() if isinstance(v, str) and (p := unfit(v))), None)
        yield problem or values


def _as_damage(error: Exception, what: str) -> _Damage:
    if isinstance(error, OSError) and error.errno is not None:
        raise error
    return _Damage(f"{what} ({_reason(error)})")


def _text(name: str, binary: io.BufferedReader) -> Iterator[Row | Reject]:
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


READERS = {"jsonl": _jsonl, "csv": _csv, "tsv": _tsv, "text": _text}


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


def _seekable(file: BinaryIO) -> bool:
    try:
        return file.seekable()
    except AttributeError:
        return False


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return re.sub(r"\s+", " ", text)[:160].lower() if isinstance(error, FileNotFoundError) else re.sub(r"\s+", " ", text)[:160]
