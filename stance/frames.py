"""Predictions -> a table of pandas or polars, with the columns of ``stance.records.COLUMNS``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from stance.records import Article, Prediction

if TYPE_CHECKING:
    import pandas
    import polars

WHOLE = ("sentence_id", "sentence_start", "sentence_end", "mention_start", "mention_end")


def to_pandas(predictions: Iterable[Prediction | Article]) -> pandas.DataFrame:
    """A row a prediction, of predictions and of articles. Raises ``ModuleNotFoundError`` without pandas."""
    try:
        import pandas
    except ModuleNotFoundError:
        raise ModuleNotFoundError("to_pandas needs pandas: pip install pandas") from None
    rows, columns = _rows(predictions)
    return pandas.DataFrame(rows, columns=columns).astype(dict.fromkeys(WHOLE, "Int64"))


def to_polars(predictions: Iterable[Prediction | Article]) -> polars.DataFrame:
    """A row a prediction, of predictions and of articles. Raises ``ModuleNotFoundError`` without polars."""
    try:
        import polars
    except ModuleNotFoundError:
        raise ModuleNotFoundError("to_polars needs polars: pip install polars") from None
    rows, columns = _rows(predictions)
    kinds = {name: polars.Int64 if name in WHOLE else polars.Float64 if _is_number(name) else polars.String for name in columns}
    return polars.DataFrame([[row.get(name) for name in columns] for row in rows], schema=kinds, orient="row")


def _rows(predictions: Iterable[Prediction | Article]) -> tuple[list[dict[str, object]], list[str]]:
    """Rows, and the columns of all of them in order: models with other labels may be mixed."""
    if isinstance(predictions, (Article, Prediction)):
        predictions = [predictions]
    rows = [row for p in predictions for row in (p.rows() if isinstance(p, Article) else [p.row()])]
    columns = list(dict.fromkeys(name for row in rows or [Prediction("", "").row()] for name in row))
    labels = [name for name in columns if name.startswith("p_")]
    first = columns.index("stance_score") + 1
    others = [name for name in columns if not name.startswith("p_")]
    return rows, [*others[:first], *labels, *others[first:]]


def _is_number(column: str) -> bool:
    return column.startswith("p_") or column.endswith("_score")
