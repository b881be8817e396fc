"""Text -> sentences, with character offsets.

The boundaries come from ``sentencex``. It keeps a quotation of several sentences whole, while stance is given sentence by
sentence, inside quotations too. So quotation marks are hidden from it and given back to the sentence that they belong to.
"""

from __future__ import annotations

import re

from sentencex import get_sentence_boundaries

QUOTES = re.compile(r"''|``|[\"“”„«»]")
# A line break ends a sentence, unless it is only the wrapping of a line: no full stop before it, a small letter after it.
PARAGRAPH = re.compile(r"(?:[^\r\n\u2028\u2029\x0b\x0c\x85]|(?<![.!?:;\r\n])\r?\n(?=[a-z]))+")
CLOSING = re.compile(r"(?:''|[\"”»’)\]])+")
OPENING = re.compile(r"(?:''|``|[\"“„«‘(\[])+$")
TITLE = re.compile(
    r"(?:^|[\s(])(?:Mr|Mrs|Ms|Mx|Dr|Prof|Gov|Sen|Sens|Rep|Reps|Gen|Lt|Col|Capt|Sgt|Maj|Cmdr|Adm|Rev|Hon|St|Sr|Jr|Amb|Pres|Supt)\.$"
)
CLOCK = re.compile(r"(?i)\b[ap]\.m\.$")
DAY = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|(?:[A-Z]{2,4}T?\b)|(?:local|GMT)")
SPOKEN = r"(?:said|says|asked|wrote|told|added|cried|shouted|tweeted|replied|declared|exclaimed|yelled|insisted|warned|demanded)"
SPEAKER = re.compile(rf"(?:{SPOKEN}\b|(?:[A-Z][\w.'’-]*\s+){{1,4}}{SPOKEN}\b|(?:he|she|they|it|we|I)\s+{SPOKEN}\b)")
SURROGATE = re.compile(r"[\ud800-\udfff]")  # half a character, as broken JSON holds: no library in Rust takes it
# A sentence longer than this is not one: text without full stops, a table or noise. It is cut at a space.
MAX_CHARACTERS = 2000


def split_sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of ``text`` as ``(start, end)`` characters, in order, without the white space around them.

    A line break ends a sentence, except where a line is merely wrapped. Every character that is not white space lies in
    exactly one sentence.
    """
    spans: list[tuple[int, int]] = []
    text = SURROGATE.sub("\ufffd", text)
    for paragraph in PARAGRAPH.finditer(text):
        spans += [(paragraph.start() + a, paragraph.start() + b) for a, b in _split_paragraph(paragraph[0])]
    return [piece for span in spans for piece in _cut_long(text, *span)]


def in_context(before: str, sentence: str, after: str) -> tuple[str, list[tuple[int, int]], int]:
    """A given sentence between the texts around it -> one text, its sentences, and which of them is the given one.

    Of the text before and after it the nearest 4,000 characters are taken.
    """
    head = before[-4000:].rstrip()
    text = f"{head} {sentence} {after[:4000]}" if head else f"{sentence} {after[:4000]}"
    offset = len(head) + 1 if head else 0
    end = offset + len(sentence)
    spans = [s for s in split_sentences(text[:offset]) if s[1] <= offset] if head else []
    index = len(spans)
    return text, [*spans, (offset, end), *((a + end, b + end) for a, b in split_sentences(text[end:]))], index


def _split_paragraph(text: str) -> list[tuple[int, int]]:
    hidden = QUOTES.sub(lambda m: " " * len(m[0]), text)
    if not hidden.strip():
        return [strip_span(text, 0, len(text))] if text.strip() else []
    starts = [b["start_index"] for b in get_sentence_boundaries("en", hidden)]
    edges = [0]
    for start in starts[1:]:
        edge = _edge_before_quotes(text, hidden, start)
        if edge > edges[-1] and not _belongs_together(
            text[max(edges[-1], edge - 80) : edge].rstrip(), text[edge : edge + 200].lstrip()
        ):
            edges.append(edge)
    edges.append(len(text))
    return [strip_span(text, a, b) for a, b in zip(edges, edges[1:]) if text[a:b].strip()]


def _edge_before_quotes(text: str, hidden: str, start: int) -> int:
    """Where the sentence that ``sentencex`` starts at ``start`` really starts: with its opening marks, after closing ones."""
    while start < len(hidden) and hidden[start].isspace():
        start += 1
    end = start
    while end and hidden[end - 1].isspace():
        end -= 1
    if closing := CLOSING.match(text, end, start):
        # Marks that touch the sentence before and the one after (`."Next`) open the latter.
        if closing.end() < start or (start > end and not text[end:start].strip("\"'”»’)]")):
            return closing.end()
    if opening := OPENING.search(text, end, start):
        return opening.start()
    return start


def _belongs_together(before: str, after: str) -> bool:
    if TITLE.search(before) or not after:
        return True
    if CLOCK.search(before) and DAY.match(after):
        return True
    if re.search(r"[!?](?:''|[\"”»’])+$", before):
        return after[0].islower() or bool(SPEAKER.match(after))
    return after[0].islower() and before[-1:] in "!?"


def strip_span(text: str, start: int, end: int) -> tuple[int, int]:
    """``[start, end)`` without the white space at its edges."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _cut_long(text: str, start: int, end: int) -> list[tuple[int, int]]:
    pieces = []
    while end - start > MAX_CHARACTERS:
        space = text.rfind(" ", start + MAX_CHARACTERS // 2, start + MAX_CHARACTERS)
        cut = space if space > 0 else start + MAX_CHARACTERS
        pieces.append(strip_span(text, start, cut))
        start = strip_span(text, cut, end)[0]
    return pieces + [(start, end)]
