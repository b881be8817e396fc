"""Users' labelled tables -> documents.

A row labels one actor in one sentence. Columns are found by their usual names or given; the rows come from ``stance.readers``
(JSON Lines, CSV, TSV, Parquet) or from a data set of the ``datasets`` library. Nothing is guessed: a row that cannot be used is
left out, with its number and the reason.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from stance.encoding import Span
from stance.labels import HEADS, SENTIMENTS, STANCES
from stance.lookup import find_actor
from stance.readers import Reject, Row
from stance.sentences import in_context, split_sentences
from stance.training.labelled.corpus import Document, LabelledMention, LabelledSentence, fit_sentences

# A text of up to so many characters with one label is read whole, as one sentence; a longer one is an article.
PASSAGE = 600
TABLE = "table"  # the source of its documents
# More different values than this are no labels: the column is another.
MOST_LABELS = 50

# The names that columns usually have, the likeliest first; case, spaces and hyphens do not matter.
USUAL: dict[str, tuple[str, ...]] = {
    "sentence": ("sentence", "sentence_text", "sentence_normalized", "sent", "tweet", "post", "statement", "passage"),
    "text": ("text", "article_text", "document", "body", "content", "full_text"),
    "actor": ("actor", "target", "entity", "speaker", "source", "person", "organisation", "organization", "name", "aspect"),
    "mention": ("mention", "mention_text", "target_text", "span_text"),
    "start": ("start", "mention_start", "actor_start", "target_start", "start_char", "char_start", "from", "begin"),
    "end": ("end", "mention_end", "actor_end", "target_end", "end_char", "char_end", "to", "stop"),
    "stance": ("stance", "stance_label", "label", "labels", "class", "category", "annotation", "gold"),
    "sentiment": ("sentiment", "sentiment_label", "polarity", "tone", "portrayal"),
    "article": ("article_id", "article", "doc_id", "document_id", "document_name", "story_id", "thread_id", "thread", "url"),
    "before": ("before", "context_before", "left_context", "context", "previous"),
    "after": ("after", "context_after", "right_context", "following"),
    "sentence_start": ("sentence_start",),
    "cue": ("cue", "cue_words"),
}
GENERIC = USUAL["stance"][2:]  # names that say no more than that it is a label


@dataclass(frozen=True)
class Columns:
    """What each column of a table is called; None: by its usual name, where the table has one."""

    sentence: str | None = None
    text: str | None = None
    actor: str | None = None
    mention: str | None = None
    start: str | None = None
    end: str | None = None
    stance: str | None = None
    sentiment: str | None = None
    article: str | None = None
    before: str | None = None
    after: str | None = None
    sentence_start: str | None = None
    cue: str | None = None

    def among(self, names: Sequence[str], file: str) -> Columns:
        """These columns in a table that has ``names``. Raises ``ValueError`` in one line that names the columns there are."""
        there = f"it has {', '.join(map(str, names[:40]))}" if names else "it has no columns"
        plain = {_plain(name): name for name in reversed(names)}
        found: dict[str, str | None] = {}
        taken: set[str] = set()
        for f in fields(self):
            given = getattr(self, f.name)
            if given is not None:
                if given not in names and _plain(given) not in plain:
                    raise ValueError(f"{file} has no column {given!r}; {there}")
                found[f.name] = given if given in names else plain[_plain(given)]
                taken.add(found[f.name])
        for f in fields(self):
            if f.name not in found:
                usual = (plain[name] for name in USUAL[f.name] if name in plain and plain[name] not in taken)
                found[f.name] = next(usual, None)
                taken.add(found[f.name] or "")
        columns = Columns(**found)
        if not (columns.sentence or columns.text):
            raise ValueError(f"{file} has no column with the sentence; {there}; name it with --sentence-column")
        if not (columns.actor or columns.mention or (columns.start and columns.end)):
            raise ValueError(f"{file} has no column with the actor; {there}; name it with --actor-column")
        if not (columns.stance or columns.sentiment):
            raise ValueError(f"{file} has no column with a label; {there}; name it with --stance-column or --sentiment-column")
        return columns


@dataclass(frozen=True)
class LeftOut:
    """A row that is not learnt from, and why."""

    file: str
    number: int
    reason: str


@dataclass
class LabelledTable:
    """The documents of some tables, and how they were read. ``rows``: all there were; ``columns``: file -> its columns."""

    documents: list[Document] = field(default_factory=list)
    rows: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    columns: dict[str, Columns] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass
class _Labelled:
    """A row that holds a label: what its cells say."""

    row: Row
    columns: Columns
    labels: dict[str, str]

    def text(self, role: str) -> str:
        name = getattr(self.columns, role)
        value = self.row.values.get(name) if name else None
        return value if isinstance(value, str) else "" if _missing(value) else str(value)

    def number(self, role: str) -> int | None:
        """A whole number; None for an empty cell. Raises ``ValueError``."""
        value = self.text(role).strip()
        if not value:
            return None
        number = float(value)
        if number != int(number):
            raise ValueError
        return int(number)

    def attributes(self) -> dict[str, str]:
        used = {getattr(self.columns, f.name) for f in fields(self.columns)}
        return {k: str(v) for k, v in self.row.values.items() if k not in used and not _missing(v)}


def read_table(
    rows: Iterable[Row | Reject], columns: Columns | None = None, labels: Mapping[str, Sequence[str]] | None = None
) -> LabelledTable:
    """Rows of one or several tables -> documents; rows that share a sentence and its context share a document.

    ``labels``: head -> the labels that it may have; without it, all that the column holds. Raises ``ValueError`` for a column
    that is not there or that holds no labels.
    """
    table = LabelledTable()
    per_file: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if isinstance(row, Reject):
            table.left_out.append(LeftOut(row.file, row.number, row.reason))
        else:
            per_file[row.file].append(row)
    table.rows = len(table.left_out) + sum(map(len, per_file.values()))
    labelled: list[_Labelled] = []
    for file, found in per_file.items():
        names = list(dict.fromkeys(name for row in found for name in row.values))
        table.columns[file] = (columns or Columns()).among(names, file)
        table.columns[file] = _generic_as_sentiment(table.columns[file], columns, found)
        labelled += [_Labelled(row, table.columns[file], {}) for row in found]
    for head in HEADS:
        _label(head, labelled, (labels or {}).get(head), table)
    sentences: dict[tuple, list[tuple[_Labelled, str, Span]]] = {}
    said = {(o.file, o.number) for o in table.left_out}
    for item in labelled:
        if not item.labels:
            if (item.row.file, item.row.number) not in said:
                table.left_out.append(LeftOut(item.row.file, item.row.number, "no label"))
            continue
        try:
            key, placed = _place(item)
        except _Unplaced as problem:
            table.left_out.append(LeftOut(item.row.file, item.row.number, str(problem)))
            continue
        sentences.setdefault(key, []).append((item, *placed))
    _documents(sentences, table)
    order = {file: i for i, file in enumerate(per_file)}
    table.left_out.sort(key=lambda o: (order.get(o.file, -1), o.number))
    return table


def _generic_as_sentiment(columns: Columns, given: Columns | None, rows: Sequence[Row]) -> Columns:
    """A column that is only called *label* and holds negative, neutral and positive is the sentiment."""
    if columns.stance is None or columns.sentiment is not None or (given and given.stance):
        return columns
    if _plain(columns.stance) not in GENERIC:
        return columns
    values = {str(v).strip().lower() for row in rows if not _missing(v := row.values.get(columns.stance))}
    return replace(columns, stance=None, sentiment=columns.stance) if values and values <= set(SENTIMENTS) else columns


# --- labels -----------------------------------------------------------------------------------------------------------------


def _label(head: str, items: Sequence[_Labelled], known: Sequence[str] | None, table: LabelledTable) -> None:
    """Give each row its label of a head. One label in several spellings is one label: the commonest spelling, or a known one."""
    raw: list[tuple[_Labelled, str]] = []
    for item in items:
        name = getattr(item.columns, head)
        value = item.row.values.get(name) if name else None
        if not _missing(value):
            raw.append((item, _label_text(value)))
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for _, value in raw:
        spellings[_fold(value)][value] += 1
    usual = {_fold(x): x for x in (known or (STANCES if head == "stance" else SENTIMENTS))}
    names = {folded: usual.get(folded) or found.most_common(1)[0][0] for folded, found in spellings.items()}
    if len(names) > MOST_LABELS and not known:
        column = next(getattr(i.columns, head) for i, _ in raw)
        raise ValueError(
            f"the column {column!r} has {len(names)} different values, too many for labels; name the column of labels with "
            f"--{head}-column"
        )
    for folded, found in spellings.items():
        if len(found) > 1:
            others = ", ".join(f"{x!r} ({n})" for x, n in found.most_common() if x != names[folded])
            table.notes.append(f"{head}: {others} read as {names[folded]!r}")
    for item, value in raw:
        label = names[_fold(value)]
        if known and label not in known:
            table.left_out.append(
                LeftOut(item.row.file, item.row.number, f"{head} is {value!r}, none of the labels ({', '.join(known)})")
            )
        else:
            item.labels[head] = label


def _label_text(value: object) -> str:
    if isinstance(value, float) and value == int(value):  # a column of whole numbers with an empty cell comes as floats
        return str(int(value))
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+", " ", str(value)).strip()


def label_order(head: str, labels: Iterable[str]) -> tuple[str, ...]:
    """The labels of a head in the order of its logits: the project's own first, as they are listed, others by name."""
    known = STANCES if head == "stance" else SENTIMENTS
    found = set(labels)
    return (*[x for x in known if x in found], *sorted(found - set(known)))


# --- where a row's actor is -------------------------------------------------------------------------------------------------


class _Unplaced(Exception):
    """Why a row's actor has no place in its text."""


def _place(item: _Labelled) -> tuple[tuple, tuple[str, Span]]:
    """The document and sentence that a row belongs to, and its actor with the characters of the mention in the document."""
    sentence, text = item.text("sentence"), item.text("text")
    if not sentence.strip() and not text.strip():
        raise _Unplaced("no sentence")
    words = item.text("mention").strip() or item.text("actor").strip()
    actor = item.text("actor").strip() or words
    try:
        start, end = item.number("start"), item.number("end")
        shift = item.number("sentence_start") or 0
    except (ValueError, OverflowError):
        raise _Unplaced(f"start and end are {item.text('start')!r} and {item.text('end')!r}, not two whole numbers") from None
    if not words and start is None:
        raise _Unplaced("no actor")
    article = item.text("article").strip()
    if sentence.strip():
        if start is not None and end is not None and shift:
            start, end = start - shift, end - shift
        span = _span(sentence, item, start, end)
        at = text.find(sentence) if text.strip() else -1
        if at >= 0 and text != sentence:  # the whole article is there to be read around it
            return ("text", article, text, (at, at + len(sentence))), (actor, (span[0] + at, span[1] + at))
        before, after = item.text("before"), item.text("after")
        whole, spans, index = in_context(before, sentence, after)
        offset = spans[index][0]
        return ("pair", article, before, sentence, after), (actor, (span[0] + offset, span[1] + offset))
    if len(text) <= PASSAGE and not (item.text("before") or item.text("after")):
        return ("pair", article, "", text, ""), (actor, _span(text, item, start, end))
    sentences = split_sentences(text)
    if start is None and len(sentences) > 1:
        raise _Unplaced(f"the text has {len(sentences)} sentences: give the sentence, or start and end of the mention")
    span = _span(text, item, start, end)
    inside = next((s for s in sentences if s[0] <= span[0] and span[1] <= s[1]), None)
    if inside is None:
        raise _Unplaced(f"start and end are {span[0]} and {span[1]}, across two sentences")
    return ("text", article, text, inside), (actor, span)


def _span(sentence: str, item: _Labelled, start: int | None, end: int | None) -> Span:
    mention = item.text("mention").strip()
    words = mention or item.text("actor").strip()
    if not words and (start is None or end is None):
        raise _Unplaced("no actor")
    found = find_actor(sentence, words, start, end)
    if isinstance(found, str):
        raise _Unplaced(found)
    there = sentence[slice(*found[0])]
    if mention and _fold(mention) not in _fold(there) and _fold(there.strip()) not in _fold(mention):
        raise _Unplaced(f"start and end hold {there!r}, not the mention {mention!r}")
    return found[0]  # the first mention of several speaks for the row, as in scoring


# --- documents --------------------------------------------------------------------------------------------------------------


def _documents(sentences: dict[tuple, list[tuple[_Labelled, str, Span]]], table: LabelledTable) -> None:
    whole: dict[tuple, dict[Span, LabelledSentence]] = defaultdict(dict)
    names: dict[tuple, str] = {}
    for key, items in sentences.items():
        first = items[0][0].row
        if key[0] == "pair":
            _, article, before, sentence, after = key
            text, spans, index = in_context(before, sentence, after)
            document = Document(article or f"{_stem(first.file)}:{first.number}", TABLE, text, spans)
            document.labelled = {index: LabelledSentence(*spans[index], _mentions(items, text, spans[index], table), False)}
            table.documents.append(document)
        else:
            _, article, text, span = key
            whole[article, text][span] = LabelledSentence(*span, _mentions(items, text, span, table), False)
            names.setdefault((article, text), article or f"{_stem(first.file)}:{first.number}")
    for (article, text), labelled in whole.items():
        ordered = _apart(sorted(labelled.values(), key=lambda s: (s.start, s.end)))
        document = Document(names[article, text], TABLE, text, fit_sentences(text, split_sentences(text), ordered))
        at = {span: i for i, span in enumerate(document.sentences)}
        document.labelled = {at[s.start, s.end]: s for s in ordered}
        table.documents.append(document)


def _apart(sentences: list[LabelledSentence]) -> list[LabelledSentence]:
    """Sentences of one text that overlap, put together."""
    kept: list[LabelledSentence] = []
    for s in sentences:
        if kept and s.start < kept[-1].end:
            last = kept[-1]
            kept[-1] = LabelledSentence(last.start, max(last.end, s.end), [*last.mentions, *s.mentions], complete=False)
        else:
            kept.append(s)
    return kept


def _mentions(
    items: Sequence[tuple[_Labelled, str, Span]], text: str, sentence: Span, table: LabelledTable
) -> list[LabelledMention]:
    """The rows of one sentence -> its mentions. A row that says again what another says, or the contrary, is left out."""
    found: dict[Span, tuple[LabelledMention, Row]] = {}
    for item, actor, span in items:
        row, cue = item.row, _cue(item, text, sentence, span)
        stance, sentiment = item.labels.get("stance"), item.labels.get("sentiment")
        actor = actor or text[slice(*span)]
        mention = LabelledMention(*span, actor, stance, sentiment, cue, item.attributes(), cue_known=cue is not None)
        if span not in found:
            found[span] = (mention, row)
            continue
        before, first = found[span]
        contrary = [h for h in HEADS if getattr(before, h) and getattr(mention, h) and getattr(before, h) != getattr(mention, h)]
        new = {h: getattr(mention, h) for h in HEADS if getattr(mention, h) and not getattr(before, h)}
        if contrary:
            told = f"{contrary[0]} {getattr(mention, contrary[0])!r}"
            reason = f"{told}, but row {first.number} says {getattr(before, contrary[0])!r} of the same mention"
            table.left_out.append(LeftOut(row.file, row.number, reason))
        elif new:
            found[span] = (replace(before, **new), first)
        else:
            table.left_out.append(LeftOut(row.file, row.number, f"says the same as row {first.number}"))
    return [m for m, _ in sorted(found.values(), key=lambda x: (x[0].start, x[0].end))]


def _cue(item: _Labelled, text: str, sentence: Span, mention: Span) -> Span | None:
    """The words of the cell ``cue`` nearest to the mention; None where there are none, and nothing is then learnt of it."""
    words = item.text("cue").strip()
    if not words:
        return None
    found = [m.span() for m in re.compile(re.escape(words), re.IGNORECASE).finditer(text, *sentence)]
    return min(found, key=lambda s: min(abs(s[0] - mention[1]), abs(mention[0] - s[1])), default=None)


# --- cells ------------------------------------------------------------------------------------------------------------------


def _missing(value: object) -> bool:
    """None, an empty cell, or NaN."""
    try:
        return value is None or (isinstance(value, str) and not value.strip()) or bool(value != value)
    except (TypeError, ValueError):
        return False


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "_", str(name).strip().lower())


def _fold(label: str) -> str:
    return label.casefold()


def _stem(file: str) -> str:
    return re.split(r"[\\/]", file)[-1]
