"""Rows of users' tables -> articles, or sentences with their actor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from stance.readers import Reject, Row
from stance.scoring import Item

# The names that a column goes by, where the user gives none.
USUAL = {
    "text": ("text", "article", "body", "content", "sentence"),
    "sentence": ("sentence", "text"),
    "actor": ("actor", "entity", "target"),
    "id": ("id", "article_id", "doc_id", "url"),
    "start": ("start",),
    "end": ("end",),
    "before": ("before",),
    "after": ("after",),
}


@dataclass(frozen=True)
class Origin:
    """Where an item came from, and the columns that are carried along. ``source`` counts the files."""

    source: int
    file: str
    number: int
    kept: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Columns:
    """Which column holds what; None: the first of its usual names that a row has. A row with an actor column is a sentence."""

    text: str | None = None
    actor: str | None = None
    id: str | None = None
    start: str | None = None
    end: str | None = None
    before: str | None = None
    after: str | None = None
    keep: tuple[str, ...] = ()

    def item(self, row: Row, source: int = 0) -> Item | Reject:
        """The item of a row, or why it is none."""
        values = row.values
        actor = self._named("actor", values)
        text = self._named("text" if actor is None else "sentence", values, self.text)
        if text is None:
            return Reject(row.file, row.number, f"no column {self.text or 'text'!r} (its columns: {_listed(values)})")
        if self.actor is not None and actor is None:
            return Reject(row.file, row.number, f"no column {self.actor!r} (its columns: {_listed(values)})")
        found = {"text": values[text]} | ({} if actor is None else {"actor": values[actor]})
        for what, value in found.items():
            name = text if what == "text" else actor
            if value is None or isinstance(value, str) and not value.strip():
                return Reject(row.file, row.number, f"{name}: empty")
            if not isinstance(value, str):
                return Reject(row.file, row.number, f"{name}: no text but {_kind(value)}")
        return Item(
            self._id(row),
            found["text"],
            found.get("actor"),
            *(self._value(what, values) for what in ("start", "end")),
            *(v if isinstance(v := self._value(what, values), str) else "" for what in ("before", "after")),
            Origin(source, row.file, row.number, {name: plain(values.get(name)) for name in self.keep}),
        )

    def _named(self, what: str, values: dict[str, object], given: str | None = None) -> str | None:
        given = given or getattr(self, what, None)
        if given is not None:
            return given if given in values else None
        return next((name for name in USUAL[what] if name in values), None)

    def _value(self, what: str, values: dict[str, object]) -> object:
        name = self._named(what, values)
        return None if name is None else values[name]

    def others(self, values: dict[str, object]) -> list[str]:
        """The columns of a row that hold nothing that scoring reads."""
        actor = self._named("actor", values)
        text = self._named("text" if actor is None else "sentence", values, self.text)
        read = {text, actor, *(self._named(what, values) for what in ("id", "start", "end", "before", "after"))}
        return [name for name in values if name not in read]

    def _id(self, row: Row) -> str:
        value = self._value("id", row.values)
        if isinstance(value, (str, int)) and str(value).strip():
            return str(value)
        return row.file if list(row.values) == ["text"] and row.number == 1 else f"{row.file}:{row.number}"


def missing_column(columns: Columns, rows: Sequence[Row]) -> str | None:
    """If the first rows want a column that scoring needs, or that is to be kept: what to say to the user."""
    problems = [columns.item(row) for row in rows]
    if problems and all(isinstance(p, Reject) and p.reason.startswith("no column") for p in problems):
        return f"{problems[0].file}:{problems[0].number}: {problems[0].reason}; name them with --text and --actor"
    for name in columns.keep:
        if rows and all(name not in row.values for row in rows):
            return f"{rows[0].file}: no column {name!r} to keep (its columns: {_listed(rows[0].values)})"
    return None


def plain(value: object) -> object:
    """A value as JSON can hold it: dates, decimals and bytes of Parquet become text."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _listed(values: dict[str, object]) -> str:
    names = list(values)
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "") or "none"


def _kind(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object", bytes: "bytes"}
    return kinds.get(type(value), f"a {type(value).__name__}")
