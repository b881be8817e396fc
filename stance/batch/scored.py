"""Items of the input -> what the output holds of them, buffer by buffer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stance.batch.items import Columns, Origin
from stance.classifier import StanceClassifier
from stance.readers import Reject, Row
from stance.scoring import Buffer, Item, buffers


@dataclass(frozen=True)
class Rejected:
    """A row that is none of the items, in its place among them. ``source`` counts the files."""

    source: int
    reject: Reject


@dataclass
class Scored:
    """What came of a stretch of the input. ``source``, ``row``: its last row; ``complete``: all of that row is in it."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    items: int = 0
    sentences: int = 0
    source: int = 0
    row: int = 0
    complete: bool = True


def items_of(
    rows: Iterable[tuple[int, Row | Reject]], columns: Columns, after: tuple[int, int] = (0, 0)
) -> Iterator[Item | Rejected]:
    """Rows, each with the number of its file -> items, without those up to the row ``after``."""
    for source, row in rows:
        if (source, row.number) > after:
            item = row if isinstance(row, Reject) else columns.item(row, source)
            yield Rejected(source, item) if isinstance(item, Reject) else item


def score_here(
    items: Iterable[Item | Rejected], classifier: StanceClassifier, kept: Mapping[str, str], sentences: int, before: int
) -> Iterator[Scored]:
    """Items, scored in this process; ``kept`` maps the columns carried along to their names in the output."""
    stream = classifier.inference.stream(buffers(items, sentences=sentences, before=before))
    with contextlib.closing(stream):
        for buffer in stream:
            yield scored(buffer, classifier, kept)


def scored(buffer: Buffer, classifier: StanceClassifier, kept: Mapping[str, str]) -> Scored:
    """A buffer whose readings are labelled -> its rows and rejects."""
    out = Scored(sentences=buffer.sentences, complete=buffer.complete)
    passed = iter([*buffer.passed, (len(buffer.entries) + 1, None)])
    place, other = next(passed)
    for n, (entry, predictions) in enumerate(classifier.entry_predictions(buffer)):
        while place <= n:
            _reject(out, other)
            place, other = next(passed)
        origin: Origin = entry.item.origin
        reason = entry.reason or next((p.reason for p in predictions if not p.found), "")
        if reason:
            _reject(out, Rejected(origin.source, Reject(origin.file, origin.number, reason)))
            continue
        carried = {kept[name]: value for name, value in origin.kept.items()}
        out.rows += [p.row() | carried for p in predictions]
        out.items += entry.last
        out.source, out.row = origin.source, origin.number
    while other is not None:
        _reject(out, other)
        place, other = next(passed)
    return out


def _reject(out: Scored, rejected: Rejected) -> None:
    out.rejects.append(rejected.reject)
    out.source, out.row = rejected.source, rejected.reject.number
