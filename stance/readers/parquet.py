"""Parquet, a batch of rows at a time."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Callable, Iterator
from typing import BinaryIO

from stance.readers.rows import Damage, Reject, Row, reason_of, unfit
from stance.readers.sources import Source

MAGIC = b"PAR1"
BATCH = 512


def read_parquet(source: Source, file: BinaryIO, whole: io.RawIOBase, count: Callable[[int], None]) -> Iterator[Row | Reject]:
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
                for batch in parquet.iter_batches(BATCH, row_groups=[group], use_threads=False):
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
            yield f"a value that cannot be read ({reason_of(error)})"
            continue
        problem = next((f"{c}: {p}" for c, v in values.items() if isinstance(v, str) and (p := unfit(v))), None)
        yield problem or values


def _as_damage(error: Exception, what: str) -> Damage:
    if isinstance(error, OSError) and error.errno is not None:
        raise error
    return Damage(f"{what} ({reason_of(error)})")


def _seekable(file: BinaryIO) -> bool:
    try:
        return file.seekable()
    except AttributeError:
        return False
