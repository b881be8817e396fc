"""JSON Lines: an object a line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

from stance.readers.lines import Lines, TooLong
from stance.readers.rows import TOO_LONG, Damage, Reject, Row, reason_of, unfit


def read_jsonl(name: str, binary: io.BufferedReader) -> Iterator[Row | Reject]:
    lines = Lines(binary)
    while True:
        lines.begin()
        try:
            line = next(lines)
        except StopIteration:
            return
        except TooLong:
            yield Reject(name, lines.number, TOO_LONG)
            continue
        if not line.strip(" \t\r\n"):
            continue
        if lines.number == 1 and line.lstrip().startswith("["):
            raise Damage("a JSON array, not JSON Lines; write an object a line (jq -c '.[]' FILE)", 1)
        yield _json_row(name, lines.number, line)


def _json_row(name: str, number: int, line: str) -> Row | Reject:
    if problem := unfit(line):
        return Reject(name, number, problem)
    try:
        values = json.loads(line)
    except RecursionError:
        return Reject(name, number, "broken JSON (nested too deep)")
    except ValueError as error:
        return Reject(name, number, f"broken JSON ({reason_of(error)})")
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
