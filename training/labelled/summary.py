"""What was read from a user's data, before anything is trained: counts, what was left out and why, warnings."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields

from stance.labels import HEADS, LabelSet
from stance.training.labelled.corpus import Document
from stance.training.labelled.tabular import LabelledTable, LeftOut

FEW = 20  # a label with fewer rows is hardly learnt, and its score says little
MOST_NUMBERS = 12


def counts(documents: Sequence[Document]) -> str:
    mentions = sum(1 for d in documents for _ in d.mentions())
    sentences = sum(len(d.labelled) for d in documents)
    return f"{mentions} labelled mentions in {sentences} sentences of {len({(d.source, d.id) for d in documents})} articles"


def lines(data: LabelledTable, sets: Mapping[str, Sequence[Document]], labels: LabelSet) -> Iterator[str]:
    """The summary. ``sets``: *training*, *development* and so on -> documents."""
    for file, columns in data.columns.items():
        used = [f"{f.name} from {getattr(columns, f.name)!r}" for f in fields(columns) if getattr(columns, f.name)]
        yield f"{file}: {', '.join(used)}"
    if data.rows:
        yield f"{data.rows} rows read, {len({(o.file, o.number) for o in data.left_out})} left out"
    for name, documents in sets.items():
        yield f"{name}: {counts(documents)}"
        for head in HEADS:
            found = label_counts(documents, head)
            if found and getattr(labels, head):
                yield f"  {head}: " + ", ".join(f"{label} {found[label]}" for label in getattr(labels, head))
    for head in HEADS:
        if not getattr(labels, head):
            yield f"{head}: no labels, so the model will give none"
    yield from (f"note: {note}" for note in data.notes)
    yield from left_out_lines(data.left_out)
    yield from (f"warning: {told}" for told in warnings(sets, labels))


def left_out_lines(left_out: Sequence[LeftOut]) -> Iterator[str]:
    """A line a reason, with the rows."""
    groups: dict[tuple[str, str], list[LeftOut]] = defaultdict(list)
    for o in left_out:
        groups[o.file, re.sub(r"'[^']*'|\d+", "*", o.reason)].append(o)
    for (file, _), found in sorted(groups.items(), key=lambda g: -len(g[1])):
        numbers = ", ".join(str(o.number) for o in found[:MOST_NUMBERS])
        more = f" and {len(found) - MOST_NUMBERS} more" if len(found) > MOST_NUMBERS else ""
        such = " and the like" if len({o.reason for o in found}) > 1 else ""
        yield f"left out: {file} row{'s' * (len(found) > 1)} {numbers}{more}: {found[0].reason}{such}"


def warnings(sets: Mapping[str, Sequence[Document]], labels: LabelSet) -> Iterator[str]:
    training = sets["training"]
    for head in HEADS:
        found = label_counts(training, head)
        for label in getattr(labels, head):
            if found[label] < FEW:
                rows = f"{found[label]} row{'' if found[label] == 1 else 's'}"
                yield f"the {head} {label!r} has {rows} in training; under {FEW} it is hardly learnt"
        for name, documents in sets.items():
            unknown = {label: n for label, n in label_counts(documents, head).items() if label not in getattr(labels, head)}
            if unknown and getattr(labels, head):
                told = ", ".join(f"{label!r} ({n})" for label, n in unknown.items())
                yield f"{name} has the {head} {told}, which training has not; not measured"
    seen = _sentences(training)
    for name, documents in sets.items():
        if name != "training" and (both := seen & _sentences(documents)):
            example = min(both)[:80]
            yield f"{len(both)} sentences are in training and in {name}, which makes scores there too good ({example!r})"


def label_counts(documents: Sequence[Document], head: str) -> Counter[str]:
    return Counter(label for d in documents for _, m in d.mentions() if (label := getattr(m, head)))


def _sentences(documents: Sequence[Document]) -> set[str]:
    return {" ".join(d.text[s.start : s.end].lower().split()) for d in documents for s in d.labelled.values()}


def strictly(left_out: Sequence[LeftOut]) -> None:
    """Raises ``ValueError`` if a row was left out."""
    if left_out:
        first, more = left_out[0], len(left_out) - 1
        rest = f", and {more} more left out" if more else ""
        raise ValueError(f"{first.file} row {first.number}: {first.reason}{rest}; mend the data, or leave out --strict")
