"""What a report or a plot is made of: texts to analyze, tables of them, and scored output, told apart by their columns."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from stance.batch.items import USUAL, Columns
from stance.readers import Reject, Row, read_rows
from stance.records import Article, Prediction
from stance.report.dates import parse_date
from stance.report.scored import articles_from_predictions, is_scored, prediction_from_row


@dataclass
class Inputs:
    """``texts``: (id, text) pairs to analyze. ``dates``: article id -> date. ``problems``: a line for each row left out."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    predictions: list[Prediction] = field(default_factory=list)
    dates: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def articles(self, analyze: Callable[[Iterable[tuple[str, str]]], Iterable[Article]]) -> Iterator[Article]:
        """The scored articles, then those that ``analyze`` makes of the texts."""
        yield from articles_from_predictions(self.predictions)
        if self.texts:
            yield from analyze(self.texts)


def read_inputs(paths: Iterable[str | os.PathLike[str]], format: str | None = None, date_column: str = "date") -> Inputs:
    """Read files, folders and globs. A row that is of no use is a line of ``problems``. Raises ``ReadError`` for no such file."""
    inputs = Inputs()
    for row in read_rows(paths, format):
        if isinstance(row, Reject):
            inputs.problems.append(f"{row.file}, row {row.number}: {row.reason}")
            continue
        try:
            name = _add(inputs, row)
            date = parse_date(row.values.get(date_column))
        except ValueError as error:
            inputs.problems.append(f"{row.file}, row {row.number}: {error}")
            continue
        if date:
            inputs.dates.setdefault(name, date)
    return inputs


def read_dates(path: str | os.PathLike[str], date_column: str = "date") -> tuple[dict[str, str], list[str]]:
    """A table of ``article_id`` (or ``id``) and ``date`` -> article id -> date, and a line for each row left out."""
    dates: dict[str, str] = {}
    problems: list[str] = []
    for row in read_rows([path]):
        try:
            if isinstance(row, Reject):
                raise ValueError(row.reason)
            name = _id(row.values)
            if name is None or date_column not in row.values:
                raise ValueError(
                    f"needs the columns article_id and {date_column} (--date-column); it has {', '.join(row.values)}"
                )
            if date := parse_date(row.values[date_column]):
                dates[name] = date
        except ValueError as error:
            problems.append(f"{row.file}, row {row.number}: {error}")
    return dates, problems


def _add(inputs: Inputs, row: Row) -> str:
    """File a row under texts or predictions; its article's id. Raises ``ValueError``."""
    if is_scored(row.values):
        p = prediction_from_row(row.values)
        p.article_id = p.article_id or _id(row.values) or ""
        inputs.predictions.append(p)
        return p.article_id
    item = Columns().item(row)
    if isinstance(item, Reject):
        raise ValueError(f"neither scored output (sentence, actor, stance) nor an article: {item.reason}")
    if item.actor is not None:
        raise ValueError("a sentence and its actor without a stance; score it first: stance score FILE -o FOLDER")
    inputs.texts.append((item.id, item.text))
    return item.id


def _id(values: Mapping[str, object]) -> str | None:
    return next((str(values[name]) for name in ("article_id", *USUAL["id"]) if values.get(name) not in (None, "")), None)
