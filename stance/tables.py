"""Articles and predictions -> JSON, JSON Lines and CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from typing import TextIO

from stance.records import Article, Prediction

# A spreadsheet runs a cell that begins so. Article text is hostile input, so such a cell gets an apostrophe before it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def defused(row: dict[str, object]) -> dict[str, object]:
    """A row whose texts no spreadsheet runs as a formula."""
    return {k: "'" + v if isinstance(v, str) and v.startswith(FORMULA) else v for k, v in row.items()}


def write_json(articles: Iterable[Article], out: TextIO) -> None:
    """One JSON array, an article an element, written as the articles come."""
    out.write("[")
    for number, article in enumerate(articles):
        out.write(("," if number else "") + "\n" + json.dumps(article.to_dict(), ensure_ascii=False))
    out.write("\n]\n")


def write_jsonl(articles: Iterable[Article], out: TextIO) -> None:
    """A line a prediction."""
    for article in articles:
        for row in article.rows():
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
        out.flush()


def write_csv(articles: Iterable[Article], out: TextIO) -> None:
    """A header and a row a prediction. Text that a spreadsheet would run as a formula is preceded by an apostrophe."""
    writer = None
    for article in articles:
        for row in article.rows():
            if writer is None:
                writer = csv.DictWriter(out, list(row), lineterminator="\n")
                writer.writeheader()
            writer.writerow(defused(row))
        out.flush()
    if writer is None:
        csv.writer(out, lineterminator="\n").writerow(Prediction("", "").row())  # the header alone


WRITERS = {"json": write_json, "jsonl": write_jsonl, "csv": write_csv}
