"""One part of the output: written under a temporary name, brought onto the disk, then renamed."""

from __future__ import annotations

import contextlib
import csv
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from stance.batch.manifest import sync_folder
from stance.records import COLUMNS
from stance.tables import defused

# Rows of a row group of Parquet, and the most rows in memory.
GROUP_ROWS = 8192
WHOLE = ("sentence_id", "sentence_start", "sentence_end", "mention_start", "mention_end")
Row = dict[str, Any]


def columns_of(labels: Sequence[str], kept: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """The columns of the output, and what a kept column is called there: ``input_NAME`` if the output has that name."""
    own = [c for name in COLUMNS for c in ([f"p_{label}" for label in labels] if name == "p_LABEL" else [name])]
    names = {name: f"input_{name}" if name in own else name for name in kept}
    return [*own, *names.values()], names


class PartFile:
    """The file of a part: ``write`` rows, then ``commit``; or ``discard``."""

    def __init__(self, path: Path, columns: list[str], kept: Iterable[str]):
        self.path, self.columns, self.kept = path, columns, frozenset(kept)
        self.temporary = path.with_name(f"_{path.name}.tmp")
        self.format: FormatWriter = FORMATS[path.suffix.lstrip(".")](self.temporary, columns, self.kept)

    def write(self, rows: list[Row]) -> None:
        self.format.write(rows)

    def commit(self) -> None:
        self.format.close()
        with self.temporary.open("rb+") as f:
            os.fsync(f.fileno())
        self.temporary.replace(self.path)
        sync_folder(self.path.parent)

    def discard(self) -> None:
        self.temporary.unlink(missing_ok=True)
        with contextlib.suppress(Exception):  # what could not be written, to a full disk say, is why it is discarded
            self.format.close()


class FormatWriter(Protocol):
    def write(self, rows: list[Row]) -> None: ...

    def close(self) -> None: ...


class JsonLines:
    def __init__(self, path: Path, columns: list[str], kept: frozenset[str]):
        self.file = path.open("w", encoding="utf-8", newline="\n")

    def write(self, rows: list[Row]) -> None:
        self.file.writelines(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows)

    def close(self) -> None:
        self.file.close()


class Csv:
    """Kept columns that are no text are written as JSON; what a spreadsheet would run has an apostrophe before it."""

    def __init__(self, path: Path, columns: list[str], kept: frozenset[str]):
        self.file, self.kept = path.open("w", encoding="utf-8", newline=""), kept
        self.writer = csv.DictWriter(self.file, columns, lineterminator="\n")
        self.writer.writeheader()

    def write(self, rows: list[Row]) -> None:
        self.writer.writerows(defused(as_text(row, self.kept)) for row in rows)

    def close(self) -> None:
        self.file.close()


class Parquet:
    """Kept columns are text: as it is, or as JSON."""

    def __init__(self, path: Path, columns: list[str], kept: frozenset[str]):
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.arrow, self.kept = pa, kept
        self.schema = pa.schema([(name, _arrow_type(pa, name, kept)) for name in columns])
        self.rows: list[Row] = []
        self.writer = pq.ParquetWriter(path, self.schema, compression="zstd")

    def write(self, rows: list[Row]) -> None:
        self.rows += (as_text(row, self.kept) for row in rows)
        while len(self.rows) >= GROUP_ROWS:
            self._group(self.rows[:GROUP_ROWS])
            self.rows = self.rows[GROUP_ROWS:]

    def _group(self, rows: list[Row]) -> None:
        self.writer.write_table(self.arrow.Table.from_pylist(rows, schema=self.schema), row_group_size=GROUP_ROWS)

    def close(self) -> None:
        try:
            if self.rows:
                self._group(self.rows)
                self.rows = []
        finally:
            self.writer.close()


FORMATS = {"parquet": Parquet, "jsonl": JsonLines, "csv": Csv}


def _arrow_type(pa, name: str, kept: frozenset[str]):
    if name not in kept and name in WHOLE:
        return pa.int64()
    return pa.float64() if name not in kept and (name.endswith("_score") or name.startswith("p_")) else pa.string()


def as_text(row: Row, kept: frozenset[str]) -> Row:
    """A row whose kept columns are text."""
    if not kept:
        return row
    return {k: json.dumps(v, ensure_ascii=False, default=str) if k in kept and not _text(v) else v for k, v in row.items()}


def _text(value: object) -> bool:
    return value is None or isinstance(value, str)
