"""Users' tables and texts -> rows: JSON Lines, CSV, TSV, Parquet, plain text; gzip and zstd; local, remote or standard input.

``read_rows`` streams: one row is in memory at a time (of Parquet, a batch). A row that cannot be read is a ``Reject`` that says
where and why, and the rows after it are read all the same. Files are told by their suffix, compression by its first bytes.
"""

from stance.readers.reading import read_rows, read_source
from stance.readers.rows import MAX_CHARACTERS, ReadError, Reject, Row
from stance.readers.sources import FORMATS, STDIN, SUFFIXES, Source, find_sources

__all__ = [
    "FORMATS",
    "MAX_CHARACTERS",
    "STDIN",
    "SUFFIXES",
    "ReadError",
    "Reject",
    "Row",
    "Source",
    "find_sources",
    "read_rows",
    "read_source",
]
