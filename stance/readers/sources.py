"""Paths -> the files to read: local files, folders, globs, remote stores through fsspec, standard input."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from stance.readers.rows import ReadError, reason_of

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
STDIN = "standard input"


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
            raise ReadError(f"{name}: {reason_of(error)}") from None
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
        raise ReadError(f"{name}: no such file or folder; check the path")


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
        raise ReadError(f"{name}: no such file or folder; check the path")


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
