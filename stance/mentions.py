"""Tags -> the mentions of actors in a sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from stance.bylines import report_start
from stance.encoding import Window, WindowSentence
from stance.names import EDGES, HE, POSSESSIVE, PREPOSITIONS, PRONOUNS, SHE, SMALL, kind_of
from stance.records import Mention

# Where a mention was found to run into what is said of it: *a report | seen by Delta Bank*.
PARTICIPLES = frozenset("published released seen obtained conducted commissioned written".split())
# Names with an *'s* of their own.
OWN_S = frozenset(
    "moody's mcdonald's lloyd's sotheby's christie's macy's kohl's levi's lowe's domino's sainsbury's wendy's".split()
)
ABBREVIATED = frozenset("mr mrs ms dr prof sen rep gov gen col lt st".split())
PERSONAL = re.compile(rf"(?<![\w'’])(?:{'|'.join(sorted(HE | SHE))})(?!\w)", re.IGNORECASE)
# Scores of going from one tag (row) to the next (column), O, B, I: no I without a beginning, and mentions seldom touch.
TRANSITIONS = np.array([[0.0, 0.0, -1e4], [0.0, -2.0, 0.0], [0.0, -2.0, 0.0]], dtype=np.float32)


def best_tags(logits: np.ndarray, transitions: np.ndarray = TRANSITIONS) -> list[int]:
    """The best sequence of O, B, I for tag logits (T, 3), by Viterbi's algorithm.

    Where the best tag of each token makes a sequence whose every step is free, no other sequence can beat it.
    """
    greedy = logits.argmax(-1)
    if not transitions[np.concatenate([[0], greedy[:-1]]), greedy].any():
        return greedy.tolist()
    shifted = logits - logits.max(-1, keepdims=True)
    score = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    best, back = score[0] + transitions[0], []
    for row in score[1:]:
        paths = best[:, None] + transitions
        back.append(paths.argmax(0))
        best = paths.max(0) + row
    tags = [int(best.argmax())]
    for pointers in reversed(back):
        tags.append(int(pointers[tags[-1]]))
    return tags[::-1]


def spans_of_tags(tags: Sequence[int]) -> list[tuple[int, int]]:
    """Tags O, B, I (0, 1, 2) -> spans ``[start, end)``. An I after O opens a span, as in lenient IOB2."""
    spans, start = [], None
    for i, tag in enumerate([*tags, 0]):
        if start is not None and tag != 2:
            spans.append((start, i))
            start = None
        if tag == 1 or (tag == 2 and start is None):
            start = i
    return spans


def find_mentions(text: str, window: Window, sentence: WindowSentence, tags: np.ndarray, sentence_id: int) -> list[Mention]:
    """The actor mentions that tag logits (T, 6) give in one sentence of a window, widened to whole words."""
    if sentence.end <= sentence.start:
        return []
    best = best_tags(tags[sentence.start : sentence.end, :3].astype(np.float32))
    found: list[tuple[int, int]] = []
    for first, end in spans_of_tags(best):
        a, b = whole_words(text, *window.character_span(sentence.start + first, sentence.start + end))
        if found and (a < found[-1][1] or _goes_on(text, *found[-1], a)):
            found[-1] = (found[-1][0], max(b, found[-1][1]))
        elif b > a:
            found.append((a, b))
    if not found:
        return []
    begins = window.character_span(sentence.start, sentence.end)
    opened = begins[0] + report_start(text[slice(*begins)])
    found = [whole_words(text, max(a, opened), _without_tail(text, a, b)) for a, b in found if b > opened]
    return [Mention(a, b, text[a:b], sentence_id, kind_of(text[a:b])) for a, b in found if not _empty(text[a:b])]


def _goes_on(text: str, start: int, end: int, following: int) -> bool:
    """Whether what begins at ``following`` is the rest of the mention: *the | Kremlin*, *a study by | Delta Bank*."""
    last = ([""] + text[start:end].lower().split())[-1]
    between = text[end:following]
    return between.isspace() and last in SMALL | PREPOSITIONS or between == ". " and last in ABBREVIATED


def _without_tail(text: str, start: int, end: int) -> int:
    """The end of a mention without prepositions and articles that nothing follows."""
    words = text[start:end].split()
    while len(words) > 1 and (words[-1].lower() in SMALL | PREPOSITIONS | PARTICIPLES):
        end = start + len(text[start:end].rstrip()) - len(words.pop())
    return end


def _empty(text: str) -> bool:
    words = text.lower().split()
    return not any(c.isalnum() for c in text) or (
        all(w in SMALL | PREPOSITIONS for w in words) and not any(w in PRONOUNS for w in words)
    )


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """``[start, end)`` widened to whole words, without the marks at its edges and a possessive *'s*."""
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and (
        text[end].isalnum() and text[end - 1].isalnum() or end > start and unicodedata.combining(text[end])
    ):
        end += 1
    if text[end - 1 : end].lower() == "n" and text[end : end + 2].replace("’", "'").lower() == "'t":  # do | n't
        end += 2
    while start < end and text[start] in EDGES:
        start += 1
    while end > start and text[end - 1] in EDGES and not (text[end - 1] == "." and _abbreviation(text[start:end])):
        end -= 1
    possessive = POSSESSIVE.search(text[start:end])
    if possessive and possessive.start() > 0 and text[start:end].replace("’", "'").lower() not in OWN_S:
        end = start + len(text[start : start + possessive.start()].rstrip())
    return start, end


def _abbreviation(text: str) -> bool:
    return bool(re.search(r"(?:\b[^\W\d_]\.){2,}$|\b(?:Jr|Sr|Inc|Corp|Co|Ltd)\.$", text))


def personal_pronouns(text: str, start: int, end: int, sentence_id: int) -> list[Mention]:
    """*he*, *her*, *his* and so on in the sentence ``[start, end)``, as mentions that only are linked."""
    return [
        Mention(m.start(), m.end(), m[0], sentence_id, "pronoun", labelled=False)
        for m in PERSONAL.finditer(text, start, end)
        if not (len(m[0]) > 1 and m[0].isupper())  # HER2, HIS: acronyms
    ]
