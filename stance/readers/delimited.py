"""CSV and TSV, with a header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from stance.readers.lines import Lines, TooLong
from stance.readers.rows import MAX_CHARACTERS, TOO_LONG, Damage, Reject, Row, reason_of, unfit


def read_csv(name: str, binary: io.BufferedReader) -> Iterator[Row | Reject]:
    return _table(name, binary, ",;")


def read_tsv(name: str, binary: io.BufferedReader) -> Iterator[Row | Reject]:
    return _table(name, binary, "\t")


def _table(name: str, binary: io.BufferedReader, delimiters: str) -> Iterator[Row | Reject]:
    """RFC 4180, strictly: a stray quotation mark costs its line, not the lines up to the next mark.

    In TSV, where many programs quote nothing, such a line is split at its tabs as it stands.
    """
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CHARACTERS))
    lines = Lines(binary)
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
        except TooLong:
            yield Reject(name, first, TOO_LONG)
            continue
        except csv.Error as error:
            fields = lines.record[0].rstrip("\r\n").split("\t")
            lines.give_back()
            if delimiters != "\t" or header and len(fields) != len(header):
                yield Reject(name, first, f"broken CSV ({reason_of(error)})")
                continue
        if not fields:
            continue
        problem = unfit("".join(fields))
        if header is None:
            header = [field.strip() for field in fields]
            twice = sorted({column for column in header if header.count(column) > 1})
            if problem or twice:
                raise Damage(f"its header {problem or f'names {twice[0]!r} twice'}; mend the header", first)
        elif problem:
            column, problem = next((c, p) for c, f in [*zip(header, fields), ("", "".join(fields))] if (p := unfit(f)))
            yield Reject(name, first, f"{column}: {problem}" if column else problem)
        elif len(fields) != len(header):
            yield Reject(name, first, f"{len(fields)} fields, the header has {len(header)}")
        else:
            yield Row(name, first, dict(zip(header, fields)))
